/** What the real model computes forward, against PyTorch on the same dequantised weights (golden.json). */
import assert from "node:assert/strict";
import { measurePerplexity } from "../../eval/perplexity.ts";
import { generate } from "../../model/generate/mod.ts";
import { createDecoder, type Gemma3, releaseGemma3 } from "../../model/gemma3/mod.ts";
import { measureImportance } from "../../model/pruning/mod.ts";
import { chunk, paddedBatch } from "../../train/data/mod.ts";
import { maxDifference } from "../support/close.ts";
import { runForward } from "../support/golden_models.ts";
import { float64, generateOptions, golden, type GoldenPerplexity } from "./golden.ts";
import { loadReal, realEngine, realTest, report } from "./real_model.ts";

/** Of logits, which reach 30 in size, and of sums of their exponentials: float32 through 18 blocks. */
const LOGIT_TOLERANCE = 2e-4;
/** Of single losses in nats: PyTorch's float32 sums over the 262,144 exponentials of a position lose 2e-5 on average. */
const LOSS_TOLERANCE = 3e-4;
/** Of mean losses, against float64: 7e-6 with 16 lanes, 1.1e-5 with 8; PyTorch's own float32 is 2e-5 off. */
const MEAN_LOSS_TOLERANCE = 3e-5;
/** Of scores, of which the two nearest differ by 9e-5; for optipfair 0.2, whose float32 is 3e-5 off, against float64. */
const SCORE_TOLERANCE = 1e-6;

const POSITIONS = 128, IMPORTANCE_BATCH = 4;
const rows = golden.documents.map((row) => Uint32Array.from(row));

let loaded: Promise<Gemma3> | undefined;
const teacher = (path: string) => loaded ??= loadReal(path, { positions: POSITIONS });

realTest("logits of four prompts are PyTorch's", async (path) => {
  const engine = await realEngine(), model = await teacher(path), V = model.config.vocabSize;
  const errors = { top: 0, spread: 0, logsumexp: 0, mean: 0 };
  const worst = (kind: keyof typeof errors, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
    errors[kind] = Math.max(errors[kind], maxDifference(actual, expected));
  for (const prompt of golden.prompts) {
    const { logits } = await runForward(engine, model, Uint32Array.from(prompt.input_ids));
    const positions = prompt.input_ids.map((_, t) => statistics(logits.subarray(t * V, (t + 1) * V)));
    const last = logits.subarray(-V);
    worst("top", prompt.last_top_20.ids.map((id) => last[id]!), prompt.last_top_20.logits);
    worst("spread", prompt.last_every_8191st.map((_, i) => last[i * 8191]!), prompt.last_every_8191st);
    worst("logsumexp", positions.map(({ logsumexp }) => logsumexp), prompt.logsumexp);
    worst("mean", positions.map(({ mean }) => mean), prompt.mean);
    assert.deepEqual(positions.map(({ argmax }) => argmax), prompt.argmax, prompt.text);
  }
  for (const [kind, error] of Object.entries(errors)) {
    report(`logits, ${kind}`, error, LOGIT_TOLERANCE);
    assert.ok(error <= LOGIT_TOLERANCE, kind);
  }
});

realTest("greedy and beam continuations are transformers', token for token", async (path) => {
  const engine = await realEngine(), model = await teacher(path);
  const decoder = createDecoder(engine, model, { maxLength: 32, maxRows: 3 });
  for (const continuation of golden.continuations) {
    const { outputIds } = await generate(decoder, continuation.input_ids, generateOptions(continuation));
    assert.deepEqual(outputIds, continuation.output_ids);
  }
  decoder.close();
});

realTest("perplexity and each token's loss are PyTorch's", async (path) => {
  await checkPerplexity(await teacher(path), golden.perplexity, float64.cross_entropy);
});

for (const { method, scores, order } of golden.importance) {
  realTest(`importance by ${method} is the reference's, scores and order`, async (path) => {
    const batches = chunk(rows, IMPORTANCE_BATCH).map((group) =>
      paddedBatch(group, { side: "left", padId: 0 })
    );
    const measured = await measureImportance(await realEngine(), await teacher(path), batches, method);
    const exact = method === "optipfair-0.2" ? float64.importance.scores : scores;
    const error = maxDifference(measured.scores, exact);
    report(method, error, SCORE_TOLERANCE);
    assert.ok(error <= SCORE_TOLERANCE);
    assert.deepEqual(measured.order, order);
  });
}

realTest("perplexity of the pruned model is PyTorch's", async (path) => {
  const engine = await realEngine();
  releaseGemma3(engine, await teacher(path));
  loaded = undefined;
  const pruned = await loadReal(path, { drop: golden.dropped, positions: POSITIONS });
  await checkPerplexity(pruned, golden.pruned_perplexity, float64.pruned_cross_entropy);
  releaseGemma3(engine, pruned);
});

async function checkPerplexity(model: Gemma3, expected: GoldenPerplexity, exact: number): Promise<void> {
  const measured = await measurePerplexity(await realEngine(), model, rows, { batchSize: 4, padId: 0 });
  assert.equal(measured.tokens, expected.tokens);
  const token = Math.max(
    ...measured.tokenLosses.map((losses, i) => maxDifference(losses, expected.token_losses[i]!)),
  );
  const mean = Math.abs(measured.crossEntropy - exact);
  report(`token losses, perplexity ${measured.perplexity.toFixed(4)}`, token, LOSS_TOLERANCE);
  report("mean loss", mean, MEAN_LOSS_TOLERANCE);
  assert.ok(token <= LOSS_TOLERANCE);
  assert.ok(mean <= MEAN_LOSS_TOLERANCE);
}

/** Of one position's logits, in f64. */
function statistics(logits: Float32Array): { logsumexp: number; mean: number; argmax: number } {
  let argmax = 0, sum = 0, exponentials = 0;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i]! > logits[argmax]!) argmax = i;
    sum += logits[i]!;
  }
  for (const logit of logits) exponentials += Math.exp(logit - logits[argmax]!);
  return { logsumexp: logits[argmax]! + Math.log(exponentials), mean: sum / logits.length, argmax };
}
