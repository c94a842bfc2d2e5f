/**
 * Fusion: elementwise dispatches that follow one another become one, which loads each input once, keeps what is between in
 * registers and stores what is still wanted. Every operation stays and so does the order of those that depend on each
 * other, so results keep their bits.
 *
 * Joined are an elementwise dispatch and a later one that reads what it writes (a chain; copies and `accumulate` into a
 * gradient among them), and neighbours that read the same tensor (siblings, as the two gradients of `gated_gelu`). The later one
 * moves up to the earlier, so nothing in between may write what it reads or touch what it writes.
 */
import { type Expression, input, substitute } from "../compiler/expression.ts";
import { elementCount } from "../core/shape.ts";
import { bind, type Elementwise, samePlace } from "./elementwise.ts";
import { accesses, bytesOf, type Dispatch } from "./program.ts";
import type { Slot, Tensor } from "./tensor.ts";

/** Op of a plain copy: joined to what made its source, it is no work of its own and leaves no name. */
export const COPY = "copy";

/** Dispatches that one may move up over; chains are near each other, and a search of all would be quadratic. */
const REACH = 16;
/** Storage buffers that every WebGPU adapter binds. */
const MAX_BINDINGS = 8;
/** Dispatches that become one; a kernel without end would take the driver's compiler one, too. */
const MAX_PARTS = 16;

/** A dispatch, and the recorded ones whose work it does; its kernel is made when it is whole. */
interface Group {
  readonly dispatch: Dispatch;
  readonly parts: readonly Dispatch[];
}

/** Joins the elementwise dispatches of a Program. */
export function fuse(dispatches: readonly Dispatch[]): Dispatch[] {
  const done: Group[] = [], readers = readersOf(dispatches);
  for (const dispatch of dispatches) {
    let moving: Group = { dispatch, parts: [dispatch] }, at = done.length;
    for (let i = at - 1; dispatch.elementwise && i >= Math.max(0, done.length - REACH); i--) {
      const earlier = done[i]!, both = join(earlier, moving, i === at - 1, readers);
      if (both) {
        done.splice(i, 1);
        [moving, at] = [both, i];
      } else if (collide(earlier.dispatch, moving.dispatch)) break;
    }
    done.splice(at, 0, moving);
  }
  return done.map((group) => group.parts.length === 1 ? group.dispatch : whole(group));
}

/** What a dispatch reads and writes. A kernel that writes a tensor may read it too; elementwise ones tell. */
function touched(dispatch: Dispatch): { tensor: Tensor; read: boolean; write: boolean }[] {
  if (!dispatch.elementwise) return accesses(dispatch).map((access) => ({ ...access, read: true }));
  const { inputs, outputs } = dispatch.elementwise;
  return [
    ...inputs.map((tensor) => ({ tensor, read: true, write: false })),
    ...outputs.map(({ tensor }) => ({ tensor, read: false, write: true })),
  ];
}

/** Who reads each temporary; parameters have thousands of readers, and none of them matters. */
function readersOf(dispatches: readonly Dispatch[]): Map<Slot, Dispatch[]> {
  const readers = new Map<Slot, Dispatch[]>();
  for (const dispatch of dispatches) {
    for (const { tensor: { slot }, read } of touched(dispatch)) {
      if (!read || slot.role !== "temporary") continue;
      const known = readers.get(slot);
      if (known) known.push(dispatch);
      else readers.set(slot, [dispatch]);
    }
  }
  return readers;
}

/** One dispatch in the place of `first` that does the work of both, or undefined where they must stay apart. */
function join(
  first: Group,
  then: Group,
  neighbours: boolean,
  readers: ReadonlyMap<Slot, readonly Dispatch[]>,
): Group | undefined {
  const a = first.dispatch.elementwise, b = then.dispatch.elementwise;
  if (!a || !b || lengthOf(a) !== lengthOf(b)) return undefined;
  const parts = [...first.parts, ...then.parts];
  if (parts.length > MAX_PARTS) return undefined;
  const made = (tensor: Tensor) => a.outputs.find((output) => samePlace(output.tensor, tensor));
  const chain = b.inputs.some(made);
  const siblings = neighbours && b.inputs.some((x) => a.inputs.some((other) => samePlace(x, other)));
  if (!chain && !siblings) return undefined;
  const inputs = [...a.inputs];
  const values = substitute(b.outputs.map(({ value }) => value), (index): Expression => {
    const tensor = b.inputs[index]!, known = made(tensor);
    if (known) return known.value;
    const at = inputs.findIndex((other) => samePlace(other, tensor));
    return input(at < 0 ? inputs.push(tensor) - 1 : at);
  });
  /** A temporary that nothing else reads: its value stays in registers. */
  const inner = ({ slot }: Tensor) =>
    slot.role === "temporary" && (readers.get(slot)?.every((reader) => parts.includes(reader)) ?? false);
  const overwritten = (tensor: Tensor) => b.outputs.some((output) => samePlace(output.tensor, tensor));
  const outputs = [
    ...a.outputs.filter(({ tensor }) => !overwritten(tensor)),
    ...b.outputs.map(({ tensor }, k) => ({ tensor, value: values[k]! })),
  ].filter(({ tensor }) => !inner(tensor));
  const elementwise = { inputs, outputs };
  if (!bindable(elementwise)) return undefined;
  const [earlier, later] = [first.dispatch, then.dispatch];
  const dispatch = {
    ...later, // params and grid: both have the same number of elements
    ...namesOf(earlier, later),
    flops: earlier.flops + later.flops,
    elementwise,
  };
  return { dispatch, parts };
}

const lengthOf = ({ outputs }: Elementwise): number => elementCount(outputs[0]!.tensor.shape);

/** WebGPU binds a slot that is written once; and there are only so many bindings. */
function bindable({ inputs, outputs }: Elementwise): boolean {
  const written = outputs.map(({ tensor }) => tensor), all = [...inputs, ...written];
  const places = all.filter((tensor, i) => all.findIndex((other) => samePlace(tensor, other)) === i);
  return outputs.length > 0 && places.length <= MAX_BINDINGS &&
    written.every((tensor) => places.every((x) => x.slot !== tensor.slot || samePlace(x, tensor)));
}

/** Whether the order of two dispatches matters: they touch elements that one of them writes. */
function collide(a: Dispatch, b: Dispatch): boolean {
  const others = touched(b);
  return touched(a).some((x) => others.some((y) => (x.write || y.write) && overlap(x.tensor, y.tensor)));
}

function overlap(a: Tensor, b: Tensor): boolean {
  return a.slot === b.slot && a.offset < b.offset + elementCount(b.shape) &&
    b.offset < a.offset + elementCount(a.shape);
}

/** The dispatch with the kernel for all that it now does. */
function whole({ dispatch, parts }: Group): Dispatch {
  const bound = bind(dispatch.op, dispatch.elementwise!);
  const joined = { dispatches: parts.length, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) };
  return { ...dispatch, ...bound, bytes: bytesOf(bound.tensors), joined };
}

/** `a+b` in the scope that both share; a copy leaves no trace of itself. */
function namesOf(first: Dispatch, then: Dispatch): Pick<Dispatch, "op" | "scope"> {
  if (then.op === COPY) return { op: first.op, scope: first.scope };
  if (first.op === COPY) return { op: then.op, scope: then.scope };
  const op = [...new Set([...first.op.split("+"), ...then.op.split("+")])].join("+");
  const names = first.scope.split("/"), others = then.scope.split("/");
  const length = names.findIndex((name, i) => name !== others[i]);
  return { op, scope: length < 0 ? first.scope : names.slice(0, length).join("/") };
}
