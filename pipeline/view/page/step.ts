/** What follows from a recording: where each dispatch stands, who made what it reads, who reads what it writes. */
import type { RecordedDispatch, RecordedTensor, Recording } from "../recording.ts";

/** Where a dispatch stands in the step, read off its scope. */
export interface Place {
  /** From the model inwards: `["student", "block 3", "mlp"]`. The way back stands where the way forth does. */
  readonly path: readonly string[];
  readonly backward: boolean;
}

/** Stretches of the step, in the order in which they first run. */
export const PHASES = ["student forward", "teacher forward", "loss", "backward", "optimizer"] as const;
export type Phase = typeof PHASES[number];

/** The place that a scope tells: micro-batches count alike; what has no scope of its own is the loss's, metrics aside. */
export function placeOf({ scope, op }: Pick<RecordedDispatch, "scope" | "op">): Place {
  const names = scope.split("/").filter((name) => name !== "" && !name.startsWith("micro-batch"));
  const path = names.filter((name) => name !== "backward" && name !== "recompute");
  if (path.length === 0) path.push(op === "metrics" ? "metrics" : "loss");
  return { path, backward: names.includes("backward") };
}

/** The phase of a place. */
export function phaseOf({ path: [first], backward }: Place): Phase {
  if (first === "student") return backward ? "backward" : "student forward";
  if (first === "teacher") return "teacher forward";
  return first === "loss" ? "loss" : "optimizer";
}

/** What ops are alike; the first whose pattern the op's name matches is its own. */
const FAMILIES: readonly (readonly [name: string, ops: RegExp])[] = [
  ["loss", /pair_loss/],
  ["attention", /attention|rope/],
  ["products", /matmul|logits|linear/],
  ["norms", /norm|softmax/],
  ["embedding", /embedding|rows/],
  ["optimizer", /adamw|clip|squares|metrics/],
  ["elementwise", /./],
];

/** Names of the families of ops, in the order of the legend; `family-NAME` is a class of the style. */
export const FAMILY_NAMES: readonly string[] = FAMILIES.map(([name]) => name);

/** The family of an op. */
export const familyOf = (op: string): string => FAMILIES.find(([, ops]) => ops.test(op))![0];

/** `student, block 3, mlp, backward` */
export const placeText = ({ path, backward }: Place): string =>
  [...path, ...backward ? ["backward"] : []].join(", ");

/** Who made what dispatches read, and who reads what they write. */
export interface Flow {
  /** The latest dispatch that wrote what `tensor` of dispatch `index` reads; undefined: it was there before the step. */
  maker(index: number, tensor: RecordedTensor): number | undefined;
  /** Dispatches that read what dispatch `index` wrote to `tensor`, up to the next that writes it. */
  readers(index: number, tensor: RecordedTensor): readonly number[];
}

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
const meet = (a: RecordedTensor, b: RecordedTensor) =>
  a.offset < b.offset + size(b.shape) && b.offset < a.offset + size(a.shape);

/** The flow of data of a step. */
export function flowOf({ dispatches }: Recording): Flow {
  const uses = new Map<number, { readonly index: number; readonly tensor: RecordedTensor }[]>();
  dispatches.forEach(({ tensors }, index) => {
    for (const tensor of tensors) {
      const known = uses.get(tensor.slot);
      if (known) known.push({ index, tensor });
      else uses.set(tensor.slot, [{ index, tensor }]);
    }
  });
  return {
    maker: (index, tensor) =>
      uses.get(tensor.slot)!.findLast((use) =>
        use.index < index && use.tensor.write && meet(use.tensor, tensor)
      )
        ?.index,
    readers(index, tensor) {
      const later = uses.get(tensor.slot)!.filter((use) => use.index > index && meet(use.tensor, tensor));
      const next = later.findIndex(({ tensor: { write } }) => write);
      return [...new Set((next < 0 ? later : later.slice(0, next + 1)).map((use) => use.index))];
    },
  };
}
