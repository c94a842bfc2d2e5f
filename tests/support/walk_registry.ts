import assert from "node:assert/strict";
import {
  type Case,
  drawInputs,
  drawUpstream,
  type Engine,
  type Entry,
  type OpRun,
  type Values,
  verifyCase,
} from "../../engine/mod.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./engine.ts";

type AnyCase = Case<Record<string, unknown>>;

const dot = (a: readonly Values[], b: readonly Values[]) =>
  a.reduce((sum, x, i) => sum + x.data.reduce((s, v, j) => s + v * b[i]!.data[j]!, 0), 0);

/** The device against the reference; answers what the device computed. */
export async function compareWithReference(engine: Engine, entry: Entry, drawn: AnyCase): Promise<OpRun> {
  const { run, wrong } = await verifyCase(engine, entry, drawn);
  assert.equal(wrong, undefined, wrong);
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
