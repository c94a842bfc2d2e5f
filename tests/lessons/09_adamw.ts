/**
 * Why AdamW hides a wrong scale.
 *
 * A mistake that is easily made: divide the loss by the wrong count. Twice by the number of micro-batches, by the rows
 * in place of the tokens, by nothing at all. The gradient is then wrong by a factor, and one would expect training to
 * crawl or to explode. With plain gradient descent it does. With AdamW nothing happens:
 *
 *     m ← β₁ m + (1-β₁) g       v ← β₂ v + (1-β₂) g²       p ← p - lr m̂ / (√v̂ + ε)
 *
 * Multiply every g by s: m grows by s, √v by s, and the quotient is what it was. Adam moves by direction and by how
 * steady the gradient is, not by its size; the first step moves every weight by the learning rate exactly. So the
 * loss curve of a run with a wrong scale looks like that of a right one, and the mistake stays for years.
 *
 * It is not harmless. Clipping compares the norm with a limit: gradients a hundred times too large are always
 * clipped, those too small never. Where micro-batches have different numbers of tokens, the weights between them
 * are wrong. ε matters once gradients are as small as it. And two losses, each with its own mistake, are mixed in a
 * proportion that nobody chose.
 *
 * Hence two rules here. The loss is divided in exactly one place (train/trainer.ts, by the weights that it feeds). And
 * tests compare gradient *norms* with PyTorch's, never loss curves alone.
 *
 * Read next: train/optim/adamw.wgsl (33 lines), then the head of train/step.ts.
 */
import assert from "node:assert/strict";
import { createTensor, type Engine, record, watchDispatches } from "../../engine/mod.ts";
import { adamw, clipFactor, scheduleValues } from "../../train/optim/mod.ts";
import { type Lesson, short } from "./lesson.ts";

const BETAS = [0.9, 0.999] as const, LR = 0.01, STEPS = 10;

/** A gradient that points down a valley, the same for every scale; f = ½ Σ c p². */
const slope = (p: ArrayLike<number>, c: readonly number[]) =>
  Float32Array.from(c, (value, i) => value * p[i]!);

/** Ten steps of the optimizer of training, its gradient `scale` times what it should be. */
async function train(engine: Engine, scale: number, limit: number) {
  const tensor = (name: string) => createTensor(name, "state", [4]);
  const [p, g, m, v] = ["p", "g", "m", "v"].map(tensor) as [
    ReturnType<typeof tensor>,
    ReturnType<typeof tensor>,
    ReturnType<typeof tensor>,
    ReturnType<typeof tensor>,
  ];
  const schedule = createTensor("schedule", "input", [4]), curve = [1, 0.5, 2, 0.1];
  const { program } = record("adamw", engine.target, () => {
    const group = { parameters: p, gradients: g, firstMoments: m, secondMoments: v, weightDecay: 0 };
    adamw([group], clipFactor([g], limit), schedule, { betas: BETAS, eps: 1e-8 });
  });
  const prepared = await engine.prepare(program);
  await engine.write(p, Float32Array.of(1, -2, 0.5, 3));
  for (const moment of [m, v]) await engine.write(moment, new Float32Array(4));
  const descent = [1, -2, 0.5, 3];
  for (let step = 1; step <= STEPS; step++) {
    const gradient = slope(await engine.read(p), curve).map((value) => scale * value);
    slope(descent, curve).forEach((value, i) => descent[i]! -= LR * scale * value);
    await engine.write(g, gradient);
    await engine.write(schedule, scheduleValues(LR, step, BETAS));
    engine.run(prepared);
  }
  const values = [...await engine.read(p)];
  engine.discard(prepared);
  engine.release([p, g, m, v, schedule].map(({ slot }) => slot));
  return { values, descent };
}

export const lesson: Lesson = {
  title: "Why AdamW hides a wrong scale",
  async run({ engine, say }) {
    const rows: (string | number)[][] = [[
      "gradient times",
      "AdamW: p[0]",
      "p[3]",
      "plain descent: p[0]",
      "p[3]",
    ]];
    const right = await train(engine, 1, Infinity);
    for (const scale of [1, 1000, 1 / 1000]) {
      const { values, descent } = scale === 1 ? right : await train(engine, scale, Infinity);
      rows.push([String(scale), values[0]!, values[3]!, descent[0]!, descent[3]!]);
      values.forEach((value, i) =>
        assert.ok(Math.abs(value - right.values[i]!) < 1e-4, `p[${i}] at ${scale}`)
      );
    }
    say(rows);

    // What does see it: the norm, and with it the clip. The device's own, for both scales.
    const gradient = createTensor("gradient", "input", [4]), norms: number[] = [];
    const { program } = record("norm", engine.target, () => void clipFactor([gradient], 2));
    const prepared = await engine.prepare(program), last = program.dispatches.length - 1;
    for (const scale of [1, 1000]) {
      await engine.write(gradient, slope([1, -2, 0.5, 3], [1, 0.5, 2, 0.1]).map((value) => scale * value));
      const kept = await watchDispatches(
        engine,
        prepared,
        ({ tensors }, i) => i === last ? [tensors.state!] : [],
      );
      const [norm, factor] = kept[last]![0]! as unknown as [number, number];
      say(`gradient times ${scale}: norm ${short(norm)}, a limit of 2 multiplies it by ${short(factor)}`);
      norms.push(norm);
    }
    assert.ok(
      Math.abs(norms[0]! - Math.hypot(1, 1, 1, 0.3)) < 1e-6 && Math.abs(norms[1]! / norms[0]! - 1000) < 1e-2,
    );
    engine.discard(prepared);
    engine.release([gradient.slot]);
  },
};
