import { scopes } from "../program/record.ts";
import type { Tensor } from "../program/tensor.ts";
import type { Attributes, Op } from "./op.ts";

/** One applied op on the tape. */
export interface Node {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly saved: readonly Tensor[];
  readonly attributes: Attributes;
  /** Nodes applied before it: walking backward goes from late to early. */
  readonly place: number;
  /** Where in the model it was applied: names of the scopes, outermost first. */
  readonly scopes: readonly string[];
}

/** The node that made a tensor; tensors without one are leaves. */
const makers = new WeakMap<Tensor, Node>();

/** Scope of what is computed once more for a gradient: see checkpoint.ts. */
export const RECOMPUTE = "recompute";

let applied = 0;

/** Nodes applied so far: those applied from now on have this place or a later one. */
export const tapeLength = (): number => applied;

/** The one function that applies an op: records its forward and remembers it when a gradient may be wanted. */
export function apply<A extends Attributes>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor[] {
  const { outputs, saved = [] } = op.forward(inputs, attributes);
  if (op.backward === "not differentiable" || !inputs.some((input) => input.differentiable)) return outputs;
  const tracked = outputs.map((output) => ({ ...output, differentiable: true }));
  const node: Node = {
    op: op as unknown as Op,
    inputs,
    outputs: tracked,
    saved,
    attributes,
    place: applied++,
    scopes: scopes(),
  };
  for (const output of tracked) makers.set(output, node);
  return tracked;
}

/** All nodes that `tensor` depends on, last applied first. */
export function tapeOf(tensor: Tensor): Node[] {
  const found = new Set<Node>(), open = [tensor];
  for (let next = open.pop(); next; next = open.pop()) {
    const node = makers.get(next);
    if (node && !found.has(node)) {
      found.add(node);
      open.push(...node.inputs);
    }
  }
  return [...found].sort((a, b) => b.place - a.place);
}
