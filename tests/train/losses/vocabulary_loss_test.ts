/** The loss over the vocabulary: in chunks of positions and slices of the vocabulary as in one piece, and as in f64. */
import assert from "node:assert/strict";
import { createRandom } from "../../../engine/mod.ts";
import type { LossConfig } from "../../../train/losses/mod.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";
import {
  type HeadValues,
  runVocabularyLoss,
  type VocabularyAnswer,
  type VocabularyProblem,
  vocabularyReference,
} from "../../support/vocabulary.ts";

/** Under this limit V = 300 columns allow 64 positions a chunk, and 200 channels allow 64 ids a slice. */
const SMALL_BINDING = 76_800;

/** 150 positions, every seventh not scored, against a teacher of another width. */
function problem(loss: Partial<LossConfig>, cap: number | null, withTeacher = true): VocabularyProblem {
  const N = 150, V = 300, random = createRandom(7);
  const values = (length: number, scale: number) =>
    Float32Array.from({ length }, () => scale * (2 * random.uniform() - 1));
  const head = (C: number): HeadValues => ({
    hidden: values(N * C, 3),
    embedding: values(V * C, 0.15),
    C,
    cap,
  });
  return {
    N,
    V,
    student: head(200),
    teacher: withTeacher ? head(64) : undefined,
    targets: Uint32Array.from({ length: N }, () => random.integer(V)),
    weights: Float32Array.from({ length: N }, (_, n) => n % 7 === 3 ? 0 : (1 + random.uniform()) / N),
    loss: { kind: "skew_kl", alpha: 0.4, beta: 0.6, temperature: 2, skew: 0.1, ...loss },
  };
}

/** Float32 sums over at most 300 columns or positions. */
function assertAnswer(actual: VocabularyAnswer, expected: VocabularyAnswer, what: string): void {
  assertClose(actual.parts, expected.parts, `${what}: parts`, 1e-5, 1e-7);
  assertClose(actual.dHidden, expected.dHidden, `${what}: gradient of the hidden states`, 1e-5, 1e-7);
  assertClose(actual.dEmbedding, expected.dEmbedding, `${what}: gradient of the embedding`, 1e-5, 1e-6);
}

for (
  const [name, given] of Object.entries({
    "skew KL": problem({}, null),
    "reverse KL under a soft cap": problem({ kind: "reverse_kl" }, 6),
    "cross-entropy without a teacher, under a soft cap": problem(
      { kind: "cross_entropy", alpha: 1, beta: 0 },
      6,
      false,
    ),
  })
) {
  gpuTest(`vocabulary loss, ${name}: sliced as whole as f64`, async (engine) => {
    const reference = vocabularyReference(given);
    const whole = await runVocabularyLoss(engine, engine.target, given);
    const sliced = await runVocabularyLoss(engine, { ...engine.target, maxBinding: SMALL_BINDING }, given);
    assert.ok(
      sliced.dispatches > 3 * whole.dispatches,
      `${sliced.dispatches} and ${whole.dispatches} dispatches`,
    );
    const compact = await runVocabularyLoss(engine, engine.target, { ...given, chunk: 64 }, { places: 140 });
    assertAnswer(whole, reference, "whole");
    assertAnswer(compact, reference, "compact");
    assertAnswer(sliced, reference, "sliced");
    assertAnswer(sliced, whole, "sliced against whole");
  });
}

gpuTest("vocabulary loss: a second micro-batch adds to the gradient of the embedding", async (engine) => {
  const given = problem({}, null), once = await runVocabularyLoss(engine, engine.target, given);
  for (const maxBinding of [engine.target.maxBinding, SMALL_BINDING]) {
    const twice = await runVocabularyLoss(engine, { ...engine.target, maxBinding }, given, { times: 2 });
    const doubled = Float32Array.from(once.dEmbedding, (x) => 2 * x);
    assertAnswer(twice, { ...once, dEmbedding: doubled }, `binding ${maxBinding}`);
  }
});
