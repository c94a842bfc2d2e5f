/** The kernel of importance against its f64 definition. */
import { entry } from "../../../engine/mod.ts";
import { rowProductsCases } from "../../../model/pruning/cosine/cases.ts";
import { rowProductsOp } from "../../../model/pruning/cosine/mod.ts";
import { rowProductsReference } from "../../../model/pruning/cosine/reference.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";
import { drawInputs, runOp } from "../../support/run_op.ts";

const tested = entry(rowProductsOp, rowProductsReference, rowProductsCases);

for (const drawn of tested.cases) {
  gpuTest(`${tested.op.name} ${drawn.name}`, async (engine) => {
    const inputs = drawInputs(drawn, 1);
    const { outputs } = await runOp(engine, tested, drawn, inputs, []);
    const [expected] = tested.reference.forward(inputs, drawn.attributes);
    // At most 64 products of at most 4 are summed in f32.
    assertClose(outputs[0]!, expected!.data, tested.op.name, 1e-6, 1e-5);
  });
}
