/**
 * A loss over 262,144 words that never exists.
 *
 * At each position a language model gives a number, a logit, to every word it knows. Gemma knows 262,144. For
 * the published recipe's micro-batch of 16 x 512 positions that is a matrix of 8 GiB in f32, for the student; the
 * teacher has one too, and the gradient is a third. No small GPU holds them, and none of them is wanted: the loss
 * is one number a position, and what training needs is the gradient of the hidden states [N, C] and of the
 * embedding [V, C].
 *
 * So go chunk by chunk of positions. For 128 of them: logits Z = H Eᵀ; loss and gradient dZ of each row, the gradient
 * written over the logits; then dH = dZ E, and dE += dZᵀ H. The next chunk uses the same memory. The sums are the same
 * sums; only dE adds up in another order.
 *
 * One can do this only because the loss of a position does not depend on other positions, and because its gradient
 * is made together with it: waiting for the walk back would mean keeping dZ. (The idea is Liger-Kernel's.)
 *
 * Teacher and student have to stand side by side for the same positions, so the teacher's chunk is computed right
 * there as well. On a CPU a chunk is cut once more, into panels of 1,024 words that stay in its cache.
 *
 * Read next: train/losses/vocabulary_loss.ts (one page), then "What a chunk costs" in train/losses/README.md.
 */
import assert from "node:assert/strict";
import {
  createGradients,
  createRandom,
  createTensor,
  type Engine,
  fullestMoment,
  output,
  record,
  type Target,
} from "../../engine/mod.ts";
import { type LossConfig, vocabularyLoss } from "../../train/losses/mod.ts";
import type { Lesson } from "./lesson.ts";

const LOSS: LossConfig = { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2, skew: 0 };

/** Student and teacher over V words at N positions, `chunk` of them at once. */
function recordLoss(target: Target, N: number, V: number, C: number, chunk: number | null) {
  const head = (name: string, trained: boolean) => ({
    hidden: createTensor(`${name} hidden`, "input", [N, C]),
    embedding: createTensor(`${name} embedding`, "parameter", [V, C], "f32", trained),
    cap: null,
  });
  const student = head("student", true), teacher = head("teacher", false);
  const scored = {
    targets: createTensor("targets", "input", [N], "u32"),
    weights: createTensor("weights", "input", [N]),
  };
  const dEmbedding = createTensor("d embedding", "state", [V, C]);
  const { program, result } = record("loss", target, () => {
    const gradients = createGradients(new Map([[student.embedding, dEmbedding]]));
    const { parts, dHidden } = vocabularyLoss({ student, teacher, scored, loss: LOSS, chunk }, gradients);
    return { parts: output("parts", parts), dHidden: output("d hidden", dHidden) };
  });
  return { program, ...result, dEmbedding, student, teacher, scored };
}

/** Runs it on seeded values; the two losses, and both gradients. */
async function run(engine: Engine, N: number, V: number, C: number, chunk: number | null) {
  const recorded = recordLoss(engine.target, N, V, C, chunk),
    prepared = await engine.prepare(recorded.program);
  const { student, teacher, scored, parts, dHidden, dEmbedding } = recorded, random = createRandom(1);
  for (const { hidden, embedding } of [student, teacher]) {
    await engine.write(hidden, Float32Array.from({ length: N * C }, () => random.normal()));
    await engine.write(embedding, Float32Array.from({ length: V * C }, () => random.normal() / 3));
  }
  await engine.write(scored.targets, Uint32Array.from({ length: N }, () => random.integer(V)));
  await engine.write(scored.weights, new Float32Array(N).fill(1 / N));
  engine.run(prepared);
  const values = [];
  for (const tensor of [parts, dHidden, dEmbedding]) values.push(await engine.read(tensor) as Float32Array);
  engine.discard(prepared);
  engine.release([...recorded.program.lifetimes.keys()].filter(({ role }) => role !== "temporary"));
  return values as [Float32Array, Float32Array, Float32Array];
}

export const lesson: Lesson = {
  title: "A loss over 262,144 words that never exists",
  async run({ engine, say }) {
    // Gemma's own sizes, recorded and planned for a GPU; nothing of it runs.
    const [N, V, C] = [16 * 512, 262_144, 640],
      target = { ...engine.target, software: false, maxBinding: 2 ** 27 };
    const { program } = recordLoss(target, N, V, C, null), { bytes, slots } = fullestMoment(program);
    const whole = 4 * N * V, gibibytes = (value: number) => `${(value / 2 ** 30).toFixed(2)} GiB`;
    say(
      `${N} positions: whole logits of one model take ${gibibytes(whole)}, of both and the gradient ${
        gibibytes(3 * whole)
      }`,
    );
    say(
      `as recorded, all temporaries take ${gibibytes(bytes)} when they take most: ${
        [...new Set(slots.map(({ name, bytes }) => `${name} ${(bytes / 2 ** 20).toFixed(0)} MiB`))].join(", ")
      }`,
    );
    say(
      `${program.dispatches.length} dispatches, ${
        (program.dispatches.reduce((sum, { flops }) => sum + flops, 0) / 1e12).toFixed(1)
      } TFLOP`,
    );
    assert.ok(bytes < whole / 16);

    // A small vocabulary, on the device: whole, and 64 positions at a time.
    const [all, chunked] = [await run(engine, 200, 1000, 32, null), await run(engine, 200, 1000, 32, 64)];
    const apart = all.map((values, i) => Math.max(...values.map((v, j) => Math.abs(v - chunked[i]![j]!))));
    say([
      ["200 positions, 1,000 words", "cross-entropy", "T² KL"],
      ["at once", all[0][0]!, all[0][1]!],
      ["64 at a time", chunked[0][0]!, chunked[0][1]!],
    ]);
    say(
      `gradients differ by at most ${apart[1]!.toExponential(1)} (hidden) and ${
        apart[2]!.toExponential(1)
      } (embedding)`,
    );
    assert.ok(apart[0]! < 1e-4 && apart[1]! < 1e-6 && apart[2]! < 1e-6);
  },
};
