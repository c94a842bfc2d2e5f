/** The kernel of importance against its f64 definition. */
import { drawInputs, runOp } from "../../../engine/mod.ts";
import { rowProductsEntry as tested } from "../../../model/pruning/mod.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";

for (const drawn of tested.cases) {
  gpuTest(`${tested.op.name} ${drawn.name}`, async (engine) => {
    const inputs = drawInputs(drawn, 1);
    const { outputs } = await runOp(engine, tested, drawn, inputs, []);
    const [expected] = tested.reference.forward(inputs, drawn.attributes);
    // At most 64 products of at most 4 are summed in f32.
    assertClose(outputs[0]!, expected!.data, tested.op.name, 1e-6, 1e-5);
  });
}
