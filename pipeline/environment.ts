import type { Engine } from "../engine/mod.ts";

/** What a figure was measured on. */
export interface Environment {
  readonly deno: string;
  readonly os: string;
  readonly adapter: string;
  readonly vendor: string;
  readonly subgroup_size: number;
  /** True for a driver that computes on the CPU: results are right, speed is not representative. */
  readonly software: boolean;
}

/** Names runtime and adapter of an engine. */
export function environmentOf({ device }: Engine): Environment {
  return {
    deno: Deno.version.deno,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    adapter: device.info.description,
    vendor: device.info.vendor,
    subgroup_size: device.subgroupSize,
    software: device.software,
  };
}
