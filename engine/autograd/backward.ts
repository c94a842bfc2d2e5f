import { elementCount, formatShape, sameShape } from "../core/shape.ts";
import { accumulate } from "../program/accumulate.ts";
import { scope, scopes, temporary } from "../program/record.ts";
import type { Tensor } from "../program/tensor.ts";
import { RECOMPUTE, tapeOf } from "./apply.ts";
import type { Destination } from "./op.ts";

/** Where the gradients of leaves go, across one or several backward walks of one Program. */
export interface Gradients {
  /** The gradient of a leaf, once a walk has reached it. */
  of(leaf: Tensor): Tensor | undefined;
  /** Where to write the gradient of `leaf`; after writing call {@link Gradients.written}. */
  destination(leaf: Tensor): Destination;
  /** Tells that the gradient of `leaf` now stands in its destination: what comes later adds to it. */
  written(leaf: Tensor): void;
}

/**
 * Gradients of leaves. Those in `targets` are written to the given tensors, any other leaf to a temporary.
 * The first contribution of a recording overwrites, later ones (further uses, further micro-batches) add.
 */
export function createGradients(targets: ReadonlyMap<Tensor, Tensor> = new Map()): Gradients {
  const own = new Map<Tensor, Tensor>(), done = new Set<Tensor>();
  return {
    of: (leaf) => done.has(leaf) ? targets.get(leaf) ?? own.get(leaf) : undefined,
    destination(leaf) {
      let tensor = targets.get(leaf) ?? own.get(leaf);
      if (!tensor) own.set(leaf, tensor = temporary(`d ${leaf.slot.name}`, leaf.shape));
      return { tensor, accumulate: done.has(leaf) };
    },
    written: (leaf) => void done.add(leaf),
  };
}

/** A gradient met on the way; `owned` ones live in a slot of their own and may be added to in place. */
interface Met {
  readonly tensor: Tensor;
  readonly owned: boolean;
}

/**
 * Records the dispatches of the gradients of everything that `output` depends on, in reverse order of application.
 *
 * @param output tensor of any shape
 * @param seed its gradient, same shape
 * @param gradients receives those of the leaves
 */
export function backward(output: Tensor, seed: Tensor, gradients: Gradients): void {
  walk(output, { tensor: seed, owned: false }, gradients, []);
}

/** {@link backward}, ending at `inputs` as well: their gradients are answered and not among those of the leaves. */
function walk(
  output: Tensor,
  seed: Met,
  gradients: Gradients,
  inputs: readonly Tensor[],
): (Tensor | undefined)[] {
  if (!sameShape(output.shape, seed.tensor.shape)) {
    throw new TypeError(
      `Cannot walk back from ${formatShape(output.shape)} with a seed ${
        formatShape(seed.tensor.shape)
      } as the shapes must be equal`,
    );
  }
  const met = new Map<Tensor, Met>([[output, seed]]);
  const tape = tapeOf(output);
  const leaf = (tensor: Tensor) =>
    !inputs.includes(tensor) && !tape.some((node) => node.outputs.includes(tensor));
  const leaves = new Set(
    tape.flatMap((node) => node.inputs).filter((input) => input.differentiable && leaf(input)),
  );

  for (const node of tape) {
    const upstream = node.outputs.map((out) => met.get(out));
    if (upstream.every((gradient) => gradient === undefined)) continue;
    const missing = upstream.findIndex((gradient) => gradient === undefined);
    if (missing >= 0) {
      throw new TypeError(
        `Cannot walk back through ${node.op.name} as its output ${missing} has no gradient`,
      );
    }
    if (node.op.backward === "not differentiable") continue;
    const given = upstream as Met[], addedTo = new Set<Tensor>();
    const results = scope(
      mirrored(node.scopes),
      () =>
        (node.op.backward as Exclude<typeof node.op.backward, string>)({
          ...node,
          gradients: given.map(({ tensor }) => tensor),
          needs: (i) => node.inputs[i]!.differentiable,
          destination(i) {
            const offered = destination(node.inputs[i]!, node.inputs.indexOf(node.inputs[i]!) === i);
            if (offered.accumulate) addedTo.add(offered.tensor);
            return offered;
          },
          walk: (inner, innerInputs) => walk(inner, given[0]!, gradients, innerInputs),
        }),
    );
    node.inputs.forEach((input, i) => {
      const result = results[i];
      if (!result || !input.differentiable) return;
      receive(input, { tensor: result, owned: owns(result, results, given) }, addedTo.has(result));
    });
  }
  return inputs.map((input) => met.get(input)?.tensor);

  /** `first`: a second use of one leaf by the same op must not overwrite the first, which no walk has seen yet. */
  function destination(input: Tensor, first: boolean): Destination {
    if (leaves.has(input) && first) return gradients.destination(input);
    const existing = met.get(input);
    if (existing?.owned) return { tensor: existing.tensor, accumulate: true };
    return { tensor: temporary(`d ${input.slot.name}`, input.shape), accumulate: false };
  }

  /** `added`: the op has already added it to what was met. */
  function receive(input: Tensor, result: Met, added: boolean): void {
    if (leaves.has(input)) {
      const { tensor, accumulate: add } = gradients.destination(input);
      if (result.tensor !== tensor) accumulate(tensor, result.tensor, add);
      gradients.written(input);
      return;
    }
    const existing = met.get(input);
    if (!existing) met.set(input, result);
    else if (!added) met.set(input, sum(existing, result));
  }
}

/** The scope of a gradient: `backward`, then where its op stood, as far as that is not where the walk stands itself. */
function mirrored(applied: readonly string[]): string {
  const here = scopes(), shared = applied.findIndex((name, i) => name !== here[i]);
  const inner = shared < 0 ? applied.slice(here.length) : applied.slice(shared);
  const place = inner.filter((name) => name !== RECOMPUTE);
  return [...here.at(-1) === "backward" ? [] : ["backward"], ...place].join("/");
}

/**
 * Whether a result may be added to in place. An upstream gradient that is passed on changes hands with this node, which
 * was the last to read it, unless it was not owned or goes to two inputs at once.
 */
function owns(result: Tensor, results: readonly (Tensor | undefined)[], upstream: readonly Met[]): boolean {
  const shared = results.filter((other) => other?.slot === result.slot).length > 1;
  return !shared && upstream.every(({ tensor, owned }) => owned || tensor.slot !== result.slot);
}

function sum(a: Met, b: Met): Met {
  const [into, other] = a.owned ? [a, b] : [b, a];
  if (into.owned) {
    accumulate(into.tensor, other.tensor, true);
    return into;
  }
  const fresh = temporary("d sum", into.tensor.shape);
  if (elementCount(fresh.shape) > 0) {
    accumulate(fresh, a.tensor, false);
    accumulate(fresh, b.tensor, true);
  }
  return { tensor: fresh, owned: true };
}
