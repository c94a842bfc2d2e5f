import assert from "node:assert/strict";
import { listen, openEngine } from "../../../engine/mod.ts";
import { measureLikelihoods, recordLargest } from "../../../eval/likelihood/mod.ts";
import { declareGemma3 } from "../../../model/gemma3/mod.ts";
import { gpuTest } from "../../support/engine.ts";
import { loadGoldenModel, withGoldenModel } from "../../support/golden_models.ts";
import { raggedRequests } from "../../support/likelihood_requests.ts";

gpuTest("requests take of the pool what their largest batches were planned to take", async () => {
  const engine = await openEngine();
  let pool = 0;
  const stop = listen((event) => {
    if (event.kind === "allocate" && /^pool \d/.test(event.label)) pool += event.bytes;
  });
  try {
    const config = await withGoldenModel("tiny_a", ({ config }) => Promise.resolve(config));
    const sets = [3, 4, 5].map((seed) => raggedRequests(seed, config.vocabSize));
    const declared = declareGemma3(config, { label: "model", positions: 32 });
    const { states, scores, beside } = recordLargest(engine.target, declared, sets);
    assert.ok(states.length >= 1 && beside.every(({ bytes }) => bytes > 0));
    await engine.reserve([...states, scores]);
    const reserved = pool;
    assert.ok(reserved > 0);
    const model = await loadGoldenModel(engine, "tiny_a");
    for (const requests of sets) await measureLikelihoods(engine, model, requests, { padId: 0 });
    // Smaller batches lay their temporaries out otherwise, which may take a little more.
    assert.ok(pool <= 1.05 * reserved, `${pool} bytes for ${reserved} reserved`);
  } finally {
    stop();
    engine.close();
  }
});
