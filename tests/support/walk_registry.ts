import type { Entry, Values } from "../../engine/mod.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./engine.ts";
import { drawInputs, runOp } from "./run_op.ts";

const dot = (a: readonly Values[], b: readonly Values[]) =>
  a.reduce((sum, x, i) => sum + x.data.reduce((s, v, j) => s + v * b[i]!.data[j]!, 0), 0);

/**
 * One test for every op and case of a registry: the device against the f64 reference (values and gradients), and the
 * reference's gradients against central differences of its own values.
 */
export function walkRegistry(registry: readonly Entry[]): void {
  for (const entry of registry) {
    const { op, reference, cases } = entry;
    for (const drawn of cases) {
      gpuTest(`${op.name} ${drawn.name}`, async (engine) => {
        const inputs = drawInputs(drawn, 1), expected = reference.forward(inputs, drawn.attributes);
        const upstream = drawInputs({
          name: "dy",
          inputs: expected.map(({ shape }) => ({ shape })),
          attributes: {},
        }, 2);
        const run = await runOp(engine, entry, drawn, inputs, upstream);
        // f32 rounding grows with the length of the reductions: the longest is the product of the axes summed over.
        const longest = Math.max(...inputs.map(({ data }) => data.length)),
          tolerance = 4e-6 * Math.sqrt(longest);
        run.outputs.forEach((values, i) =>
          assertClose(values, expected[i]!.data, `output ${i}`, 1e-5, tolerance)
        );
        if (!reference.backward) return;
        const gradients = reference.backward(inputs, drawn.attributes, upstream);
        gradients.forEach((gradient, i) => {
          if (!gradient) return;
          assertClose(run.gradients[i]!, gradient.data, `gradient ${i}`, 1e-5, tolerance);
          for (let j = 0; j < gradient.data.length; j += Math.ceil(gradient.data.length / 7)) {
            const at = (step: number) => {
              const moved = inputs.map((x, k) =>
                k === i ? { ...x, data: x.data.with(j, x.data[j]! + step) } : x
              );
              return dot(reference.forward(moved, drawn.attributes), upstream);
            };
            const slope = (at(1e-4) - at(-1e-4)) / 2e-4;
            assertClose([gradient.data[j]!], [slope], `central difference of input ${i} at ${j}`, 1e-5, 1e-6);
          }
        });
      });
    }
  }
}
