import type { Case, Engine, Entry, Values } from "../../engine/mod.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./engine.ts";
import { drawInputs, type OpRun, runOp } from "./run_op.ts";

type AnyCase = Case<Record<string, unknown>>;

const dot = (a: readonly Values[], b: readonly Values[]) =>
  a.reduce((sum, x, i) => sum + x.data.reduce((s, v, j) => s + v * b[i]!.data[j]!, 0), 0);

const drawUpstream = (outputs: readonly Values[]) =>
  drawInputs({ name: "dy", inputs: outputs.map(({ shape }) => ({ shape })), attributes: {} }, 2);

/** True where the device chooses the kernel itself; the other cases force one, which it may not have. */
export const chosenByDevice = ({ attributes }: AnyCase): boolean => !attributes.naive && !attributes.variant;

/** The device against the reference; answers what the device computed. */
export async function compareWithReference(engine: Engine, entry: Entry, drawn: AnyCase): Promise<OpRun> {
  const { reference } = entry, { attributes } = drawn, inputs = drawInputs(drawn, 1);
  const expected = reference.forward(inputs, attributes), upstream = drawUpstream(expected);
  const run = await runOp(engine, entry, drawn, inputs, upstream);
  // f32 rounding grows with the length of the reductions: the longest is the product of the axes summed over.
  const longest = Math.max(...inputs.map(({ data }) => data.length)), tolerance = 4e-6 * Math.sqrt(longest);
  const close = (actual: Float32Array, { data }: Values, what: string) =>
    assertClose(actual, data, what, 1e-5, tolerance);
  run.outputs.forEach((values, i) => close(values, expected[i]!, `output ${i}`));
  reference.backward?.(inputs, attributes, upstream).forEach((gradient, i) => {
    if (gradient) close(run.gradients[i]!, gradient, `gradient ${i}`);
  });
  return run;
}

/** The reference's gradients against slopes of its values, at about seven places of each input. */
function compareWithDifferences({ reference }: Entry, drawn: AnyCase): void {
  const { attributes } = drawn, inputs = drawInputs(drawn, 1);
  const upstream = drawUpstream(reference.forward(inputs, attributes));
  reference.backward?.(inputs, attributes, upstream).forEach((gradient, i) => {
    if (!gradient) return;
    for (let j = 0; j < gradient.data.length; j += Math.ceil(gradient.data.length / 7)) {
      const at = (step: number) => {
        const moved = inputs.map((x, k) => k === i ? { ...x, data: x.data.with(j, x.data[j]! + step) } : x);
        return dot(reference.forward(moved, attributes), upstream);
      };
      const slope = (at(1e-4) - at(-1e-4)) / 2e-4;
      assertClose([gradient.data[j]!], [slope], `central difference of input ${i} at ${j}`, 1e-5, 1e-6);
    }
  });
}

/**
 * One test for every op and case of a registry: the device against the f64 reference (values and gradients), the same
 * bits from a second run, and the reference's gradients against central differences of its own values.
 */
export function walkRegistry(registry: readonly Entry[]): void {
  for (const entry of registry) {
    for (const drawn of entry.cases) {
      gpuTest(`${entry.op.name} ${drawn.name}`, async (engine) => {
        await compareWithReference(engine, entry, drawn);
        compareWithDifferences(entry, drawn);
      });
    }
  }
}
