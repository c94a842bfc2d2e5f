import assert from "node:assert/strict";
import { benchLoss } from "../../bench/loss.ts";
import { gpuTest } from "../support/engine.ts";

gpuTest("loss: fused and unfused agree, and the fused takes less memory", async (engine) => {
  const rows = await benchLoss(engine, { N: 130, C: 12, V: 300 }, { milliseconds: 0, minimum: 1 });
  assert.deepEqual(rows.map(({ name, wrong }) => [name, wrong]), [
    ["fused", undefined],
    ["fused, every other scored", undefined],
    ["unfused", undefined],
  ]);
  const [fused, half] = rows.map(({ facts }) => facts!["of the unfused temporaries"]!);
  assert.ok(fused! < 1 && half! < fused!, `${fused} and ${half} of the unfused memory`);
});
