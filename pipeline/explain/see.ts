/** Runs a Program once and keeps what a token met on the way. */
import {
  accesses,
  type Dispatch,
  elementCount,
  type Engine,
  part,
  type Prepared,
  type Program,
  type Tensor,
  watchDispatches,
} from "../../engine/mod.ts";
import type { Seen } from "./stop.ts";

/** What is looked at of tensors too long to keep. */
export interface Place {
  readonly T: number;
  readonly token: number;
  /** Its id, by whose row the gradient of the embedding is looked at. */
  readonly id: number;
  /** Element of the arena of matrices that AdamW is looked at. */
  readonly weight: number;
}

/** Elements of which all are kept, whatever they are. */
const SMALL = 4096;

/** Ops of which a token alone says too little: keys of others, sums over tokens, logits in panels. */
const WHOLE = new Set(["attention", "attention.backward", "embedding.backward", "pair_loss"]);

/** True where the table of words is bound: read by the row and never whole. */
const isTable = ({ op }: Dispatch, name: string): boolean =>
  (op === "embedding" && name === "table") || (op.startsWith("logits") && name === "B");

/** The layout of a product, read off what its kernel was given. */
export function layoutOf({ kernel: { knobs }, params }: Dispatch): "NN" | "NT" | "TN" {
  if (knobs.A_ALONG_M === true || (params.a_row === 1 && params.a_column !== undefined)) return "TN";
  return knobs.B_ALONG_K === true || (params.b_row === 1 && params.b_column !== undefined) ? "NT" : "NN";
}

/** The part of a bound tensor that is kept; undefined for none. */
function kept(
  dispatch: Dispatch,
  name: string,
  tensor: Tensor,
  { T, token, id, weight }: Place,
): Tensor | undefined {
  const count = elementCount(tensor.shape), { op } = dispatch;
  if (isTable(dispatch, name)) return undefined;
  if (op === "adamw" && count > SMALL) {
    const at = weight - tensor.offset;
    return at >= 0 && at < count ? part(tensor, { start: at, end: at + 1 }) : undefined;
  }
  if (op === "embedding.backward" && name === "gradient") {
    const [rows, C] = tensor.shape as [number, number], row = id - dispatch.params.first!;
    return row >= 0 && row < rows ? part(tensor, { start: row * C, end: (row + 1) * C }) : undefined;
  }
  const sumsOverTokens = op === "matmul.backward" && layoutOf(dispatch) === "TN";
  if (WHOLE.has(op) || (sumsOverTokens && name !== "C")) return tensor;
  if (sumsOverTokens) return part(tensor, { start: 0, end: tensor.shape.at(-1)! });
  if (tensor.dtype === "f32" && tensor.slot.role === "temporary" && count % T === 0) {
    return part(tensor, { start: token * count / T, end: (token + 1) * count / T });
  }
  return count <= SMALL ? tensor : part(tensor, { start: 0, end: SMALL });
}

/**
 * Runs a Program on what its inputs hold and answers, for the dispatches asked for, the token's part of what each read and
 * wrote. Weights are read before, as a training step changes them.
 */
export async function see(
  engine: Engine,
  prepared: Prepared,
  wanted: ReadonlySet<number>,
  place: Place,
): Promise<Map<number, Seen>> {
  const { program } = prepared, weights = await weightsOf(engine, program, wanted);
  const after = (index: number) => partsOf(program, index, place, wanted, () => true);
  const before = (index: number) => partsOf(program, index, place, wanted, isWrittenOver(program, index));
  const values = await watchDispatches(
    engine,
    prepared,
    (_, index) => [...after(index), ...before(index + 1)].map(({ tensor }) => tensor),
  );
  const named = (parts: readonly { name: string }[], from: readonly ArrayLike<number>[]) =>
    Object.fromEntries(parts.map(({ name }, i) => [name, Float64Array.from(from[i]!)]));
  return new Map([...wanted].map((index) => [index, {
    index,
    dispatch: program.dispatches[index]!,
    values: named(after(index), values[index]!),
    before: index === 0 ? {} : named(before(index), values[index - 1]!.slice(after(index - 1).length)),
    weights: weights.get(index)!,
  }]));
}

type Access = ReturnType<typeof accesses>[number];

/** What a dispatch writes and something stood there before. */
const isWrittenOver = ({ lifetimes }: Program, index: number) => ({ tensor: { slot }, write }: Access) =>
  write && (slot.role !== "temporary" || lifetimes.get(slot)!.first < index);

function partsOf(
  { dispatches }: Program,
  index: number,
  place: Place,
  wanted: ReadonlySet<number>,
  counts: (access: Access) => boolean,
): { name: string; tensor: Tensor }[] {
  const dispatch = dispatches[index];
  if (!dispatch || !wanted.has(index)) return [];
  return accesses(dispatch).flatMap((access) => {
    const { name, tensor, write } = access;
    if ((tensor.slot.role === "parameter" && !write) || !counts(access)) return [];
    const found = kept(dispatch, name, tensor, place);
    return found ? [{ name, tensor: found }] : [];
  });
}

async function weightsOf(
  engine: Engine,
  { dispatches }: Program,
  wanted: ReadonlySet<number>,
): Promise<Map<number, Record<string, Float64Array>>> {
  const found = new Map<number, Record<string, Float64Array>>();
  for (const index of wanted) {
    const dispatch = dispatches[index]!, own: Record<string, Float64Array> = {};
    for (const { name, tensor, write } of accesses(dispatch)) {
      if (tensor.slot.role !== "parameter" || write || isTable(dispatch, name)) continue;
      own[name] = Float64Array.from(await engine.read(tensor));
    }
    found.set(index, own);
  }
  return found;
}
