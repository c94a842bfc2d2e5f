/** `explain` on the real 270M: every stop of a block and of the head agrees with f64. */
import assert from "node:assert/strict";
import { formatExplanation, runExplain } from "../../pipeline/explain/mod.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { realEngine, realTest, report } from "./real_model.ts";

realTest("one token of the real model, from its id to its loss", async (model) => {
  const config = await resolveConfig({});
  const request = { model, config, text: "The capital of France is Paris", backward: false };
  const explanation = await runExplain(
    realEngine,
    { ...request, token: undefined, layer: 5, op: undefined },
    { update: () => {}, note: () => {}, signal: new AbortController().signal },
  );
  assert.equal(explanation.stops.length, 20);
  let worst = 0;
  for (const { op, reference } of explanation.stops) {
    // A loss is a difference of numbers as large as logits.
    const share = reference!.difference / (op === "cross_entropy" ? 25 : reference!.largest);
    assert.ok(share < 1e-5, `${op}: ${share}`);
    worst = Math.max(worst, share);
  }
  report("explain, every op of a block and of the head, of the largest value", worst, 1e-5);
  assert.match(formatExplanation(explanation), / {5}likeliest: .* 9079 "▁Paris" \d+\.\d %/);
});
