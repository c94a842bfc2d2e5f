/** The keys of a configuration as dotted names (`train.lr`), read from the schema. */
import { z } from "zod";
import { configSchema } from "./schema.ts";

/** A key: its type without default and null, whether null is a value, and its description. */
export interface ConfigKey {
  readonly name: string;
  readonly type: z.ZodType;
  readonly nullable: boolean;
  readonly description: string;
}

/** Every key under its dotted name, in the order of the schema. */
export const configKeys: ReadonlyMap<string, ConfigKey> = new Map(
  collect("", configSchema.shape).map((key) => [key.name, key]),
);

function collect(prefix: string, shape: Readonly<Record<string, z.core.$ZodType>>): ConfigKey[] {
  return Object.entries(shape).filter(([name]) => name !== "$schema").flatMap(([name, field]) => {
    const { type, nullable } = unwrap(field as z.ZodType);
    const dotted = prefix + name;
    if (type instanceof z.ZodObject) return collect(`${dotted}.`, type.shape);
    return [{ name: dotted, type, nullable, description: (field as z.ZodType).description ?? "" }];
  });
}

function unwrap(field: z.ZodType): { type: z.ZodType; nullable: boolean } {
  let type: z.ZodType = field;
  let nullable = false;
  while (
    type instanceof z.ZodDefault || type instanceof z.ZodPrefault || type instanceof z.ZodNullable ||
    type instanceof z.ZodPipe
  ) {
    nullable ||= type instanceof z.ZodNullable;
    type = (type instanceof z.ZodPipe ? type.in : type.unwrap()) as z.ZodType;
  }
  return { type, nullable };
}
