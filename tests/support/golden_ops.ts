import { fileURLToPath } from "node:url";
import type { Input } from "./evaluate.ts";

/** One case of tests/golden/data/ops.json. */
export interface GoldenCase {
  readonly op: string;
  // deno-lint-ignore no-explicit-any -- each op has settings of its own, as tests/golden/ops.py wrote them
  readonly settings: any;
  /** Names of the inputs that have a gradient. */
  readonly differentiable?: readonly string[];
  /** Global norm of the gradients, of clip_grad_norm. */
  readonly norm?: number;
}

const path = (name: string) => fileURLToPath(new URL(`../golden/data/${name}`, import.meta.url));

/** Cases by name. */
export const GOLDEN_OPS: Readonly<Record<string, GoldenCase>> = JSON.parse(
  Deno.readTextFileSync(path("ops.json")),
).cases;

/** All tensors of ops.safetensors by name: f32 as they are, int64 (ids and targets) as u32. */
export function readGoldenTensors(): ReadonlyMap<string, Input> {
  const file = Deno.readFileSync(path("ops.safetensors"));
  const start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> = JSON
    .parse(
      new TextDecoder().decode(file.subarray(8, start)),
    );
  delete header.__metadata__;
  return new Map(
    Object.entries(header).map(([name, { dtype, shape, data_offsets: [from, to] }]) => {
      const bytes = file.slice(start + from, start + to).buffer;
      const data = dtype === "F32"
        ? new Float32Array(bytes)
        : Uint32Array.from(new BigInt64Array(bytes), Number);
      return [name, { shape, data }];
    }),
  );
}
