import type { Case, Entry, Values } from "../autograd/op.ts";
import type { Engine } from "../program/run.ts";
import { difference } from "./difference.ts";
import { drawInputs } from "./draw.ts";
import { type OpRun, runOp } from "./run_case.ts";

/** What a device computed for a case, and what is wrong with it. */
export interface Verdict {
  readonly run: OpRun;
  readonly wrong: string | undefined;
}

/**
 * An op on a device against its definition in f64, outputs and gradients.
 *
 * @param inputs values; the case's own seeded ones where missing
 * @throws LapidaryError where two runs of the same Program give different bits
 */
export async function verifyCase(
  engine: Engine,
  entry: Entry,
  drawn: Case<Record<string, unknown>>,
  inputs: readonly Values[] = drawInputs(drawn, 1),
): Promise<Verdict> {
  const { reference } = entry, { attributes } = drawn;
  const expected = reference.forward(inputs, attributes), upstream = drawUpstream(expected);
  const run = await runOp(engine, entry, drawn, inputs, upstream);
  // f32 rounding grows with the length of the reductions: the longest is the product of the axes summed over.
  const longest = Math.max(...inputs.map(({ data }) => data.length)), absolute = 4e-6 * Math.sqrt(longest);
  const pairs = [
    ...run.outputs.map((actual, i) => ({ what: `output ${i}`, actual, expected: expected[i] })),
    ...(reference.backward?.(inputs, attributes, upstream) ?? []).map((gradient, i) => ({
      what: `gradient ${i}`,
      actual: run.gradients[i],
      expected: gradient,
    })),
  ];
  const wrong = pairs.flatMap(({ what, actual, expected }) => {
    const told = expected && difference(actual ?? [], expected.data, 1e-5, absolute);
    return told === undefined ? [] : [`${what}: ${told}`];
  });
  return { run, wrong: wrong.length === 0 ? undefined : wrong.join("; ") };
}

/** Seeded gradients of the outputs, to walk back from. */
export function drawUpstream(outputs: readonly Values[]): Values[] {
  return drawInputs({ name: "dy", inputs: outputs.map(({ shape }) => ({ shape })), attributes: {} }, 2);
}

/** True where the device chooses the kernel itself; the other cases force one, which it may not have. */
export const chosenByDevice = ({ attributes }: Case<Record<string, unknown>>): boolean =>
  !attributes.naive && !attributes.variant;
