/** The rungs of the trace: pure functions from a Program, its plan and what was measured to lines of text. */
import { elementCount, formatShape } from "../core/shape.ts";
import { fullestMoment, memoryByRole } from "../program/plan.ts";
import type { Prepared } from "../program/prepared.ts";
import { accesses, type Dispatch } from "../program/program.ts";
import type { Tensor } from "../program/tensor.ts";
import type { Limits } from "./limits.ts";
import { statisticsOf } from "./statistics.ts";
import { counted, formatAccesses, formatKernel, grouped, printMemory, printSlots } from "./text.ts";

/** Rung 1: `3 matmul A [3, 4], B [5, 4] -> C [3, 5] in mlp`. */
export function operations({ program }: Prepared): string[] {
  return program.dispatches.map((dispatch, index) => {
    const { op, scope } = dispatch;
    return `${index} ${op} ${formatAccesses(dispatch, (binding) => binding)}${scope ? ` in ${scope}` : ""}`;
  });
}

/** Bytes and operations per millisecond are a million times fewer than per second in giga. */
const perSecond = (amount: number, milliseconds: number): number => amount / milliseconds / 1e6;

/**
 * `0.120 ms 21.35 GB/s 170.67 GFLOP/s 62 % of arithmetic`: the share is that of the limit which binds, the one that would
 * take longer for so many bytes and operations.
 */
export function rates(milliseconds: number, bytes: number, flops: number, limits?: Limits): string {
  const memory = perSecond(bytes, milliseconds), arithmetic = perSecond(flops, milliseconds);
  const text = `${milliseconds.toFixed(3)} ms ${memory.toFixed(2)} GB/s ${arithmetic.toFixed(2)} GFLOP/s`;
  if (!limits) return text;
  const shares = [[memory / limits.gigabytes, "memory"], [arithmetic / limits.gflops, "arithmetic"]] as const;
  const [share, name] = shares[0][0] >= shares[1][0] ? shares[0] : shares[1];
  return `${text} ${(100 * share).toFixed(0)} % of ${name}`;
}

/** Rung 2: each dispatch's kernel with its time and rates, and their total. */
export function kernels(
  { program: { dispatches } }: Prepared,
  milliseconds: Float64Array,
  limits?: Limits,
): string[] {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const total = [
    sum([...milliseconds]),
    sum(dispatches.map(({ bytes }) => bytes)),
    sum(dispatches.map(({ flops }) => flops)),
  ] as const;
  return [
    ...dispatches.map((dispatch, index) =>
      `${index} ${dispatch.op} ${formatKernel(dispatch)} ${
        rates(milliseconds[index]!, dispatch.bytes, dispatch.flops, limits)
      }`
    ),
    `total ${rates(...total, limits)}`,
  ];
}

/** Rung 3: slots with lifetimes and places, bytes by role, and when temporaries take most. */
export function memory({ program, plan }: Prepared): string[] {
  const { bytes, slots, dispatch } = fullestMoment(program);
  const at = program.dispatches[dispatch]!;
  return [
    ...printSlots(program, plan).map((line) => line.trimStart()),
    `memory: ${printMemory(memoryByRole(program, plan))}`,
    ...slots.length === 0 ? [] : [
      `temporaries take most at ${dispatch} ${at.op}: ${grouped(bytes)} B in ${
        counted(slots.length, "slot", "slots")
      }: ${slots.map(({ name }) => name).join(", ")}`,
    ],
  ];
}

/**
 * Rung 4: the WGSL of each kernel as it is compiled, under the numbers of its lines.
 *
 * @param shown kernels that were shown before; the new ones are added
 */
export function sources({ program: { dispatches } }: Prepared, shown: Set<string>): string[] {
  const uses = Map.groupBy(dispatches.keys(), (index) => dispatches[index]!.kernel);
  return [...uses].flatMap(([kernel, indices]) => {
    if (shown.has(kernel.code)) return [];
    shown.add(kernel.code);
    const lines = kernel.code.trimEnd().split("\n"), width = String(lines.length).length;
    return [
      `wgsl ${formatKernel({ kernel })} of ${indices.join(", ")}`,
      ...lines.map((line, i) => `${String(i + 1).padStart(width)}| ${line}`.trimEnd()),
    ];
  });
}

/** Tensors that a dispatch writes, by the names of their bindings. */
export function written(dispatch: Dispatch): { name: string; tensor: Tensor }[] {
  return accesses(dispatch).filter(({ write }) => write);
}

/** Six significant digits at most, so that the text is the same where rounding differs in the last bit or two. */
const short = (value: number): string => String(Number(value.toPrecision(6)));

/**
 * Rung 5: what each dispatch wrote: least, greatest, mean, NaN.
 *
 * @param values for each dispatch and each tensor that it writes the sampled pieces
 */
export function samples(
  { program: { dispatches } }: Prepared,
  values: readonly (readonly (readonly ArrayLike<number>[])[])[],
): string[] {
  return dispatches.flatMap((dispatch, index) =>
    written(dispatch).map(({ name, tensor }, i) => {
      const { count, min, max, mean, nan } = statisticsOf(values[index]![i]!),
        all = elementCount(tensor.shape);
      const of = count < all ? ` in ${grouped(count)} of ${grouped(all)}` : "";
      return `${index} ${dispatch.op} ${name} ${formatShape(tensor.shape)} min ${short(min)} max ${
        short(max)
      } mean ${short(mean)} NaN ${nan}${of}`;
    })
  );
}
