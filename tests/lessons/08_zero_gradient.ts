/**
 * Why the published KL taught nothing, and what mends it.
 *
 * Distillation asks the student q to come near the teacher p, word by word: D = Σ p log(p / q), the forward KL. The
 * notebooks behind the published model wrote another sum, with m a mixture of both:
 *
 *     D = Σ_i sg(q_i) (log q_i - sg(log m_i))          sg: taken as a constant, "detached"
 *
 * As a number it is a fair divergence, and it fell in their logs. As a teacher it is silent. Only log q is
 * differentiated, so with z the logits
 *
 *     ∂D/∂z_j = Σ_i q_i ∂(log q_i)/∂z_j = Σ_i q_i (1[i=j] - q_j) = q_j - q_j Σ_i q_i = 0
 *
 * for every student, teacher, mixture and temperature: probabilities sum to 1, whatever pushes on them. What moved the
 * student was cross-entropy, and the number followed.
 *
 * The third version let q through, as KL(p ‖ a q + (1-a) p) with a the student's share; its gradient is
 * -(a/T) q_j (r_j - E_q r) with r = p/m. At the published setting a = 0 the mixture is the teacher itself: zero again. And
 * at the notebook's own a = 0.4 little is left, about a² of plain KL once the two are near.
 *
 * What mends it: forward KL, whose gradient is (q - p) / T, or a skew in DistiLLM's meaning, the teacher's share in the
 * mixture, where 0 is forward KL. And a sentinel: any loss that counts is held against the others in the first
 * steps, and a run says so when its gradient is nothing. A loss that falls is no proof that it teaches.
 *
 * Read next: "The loss that taught nothing" in train/losses/README.md, then train/losses/sentinel.ts.
 */
import assert from "node:assert/strict";
import { createRandom } from "../../engine/mod.ts";
import { type LossConfig, rowLoss, zeroGradientWarnings } from "../../train/losses/mod.ts";
import { type Lesson, short } from "./lesson.ts";

const V = 20, TARGET_WORD = 3;
const norm = (x: Float64Array) => Math.hypot(...x);

const loss = (kind: LossConfig["kind"], skew = 0): LossConfig => ({
  kind,
  skew,
  alpha: 0.5,
  beta: 0.5,
  temperature: 2,
});

/** The forward KL between two rows of logits: what distillation wants to be small. */
const distance = (student: Float64Array, teacher: Float64Array) =>
  rowLoss(student, teacher, TARGET_WORD, loss("forward_kl")).divergence;

export const lesson: Lesson = {
  title: "Why the published KL taught nothing, and what mends it",
  run({ say }) {
    const random = createRandom(5), row = () => Float64Array.from({ length: V }, () => 2 * random.normal());
    const student = row(), teacher = row();
    const kinds = [
      ["published, first versions (skew 0)", loss("legacy-v1", 0)],
      ["published, first versions (skew 0.4)", loss("legacy-v1", 0.4)],
      ["published, third version (skew 0)", loss("legacy-v3", 0)],
      ["published, third version (skew 0.4)", loss("legacy-v3", 0.4)],
      ["forward KL", loss("forward_kl")],
      ["skew KL, a tenth of the teacher", loss("skew_kl", 0.1)],
    ] as const;

    /** 300 steps down the gradient of the divergence alone, on free logits. */
    const taught = (config: LossConfig) => {
      let z = student;
      for (let step = 0; step < 300; step++) {
        const slope = rowLoss(z, teacher, TARGET_WORD, config).divergenceGradient;
        z = z.map((value, j) => value - 0.2 * slope[j]!);
      }
      return z;
    };

    const rows: (string | number)[][] = [[
      "loss",
      "value",
      "norm of its gradient",
      "KL before",
      "KL after 300 steps",
    ]];
    const after = new Map<string, number>();
    for (const [name, config] of kinds) {
      const { divergence, divergenceGradient } = rowLoss(student, teacher, TARGET_WORD, config);
      after.set(name, distance(taught(config), teacher));
      rows.push([name, divergence, norm(divergenceGradient), distance(student, teacher), after.get(name)!]);
    }
    say(rows);
    for (const [name, config] of kinds.slice(0, 3)) {
      assert.ok(norm(rowLoss(student, teacher, TARGET_WORD, config).divergenceGradient) < 1e-8, name);
      assert.ok(Math.abs(after.get(name)! - distance(student, teacher)) < 1e-5, `${name} moves nothing`);
    }
    assert.ok(
      rowLoss(student, teacher, TARGET_WORD, kinds[0][1]).divergence > 0.1,
      "though its value is not 0",
    );
    assert.ok(after.get("forward KL")! < 0.05 * distance(student, teacher));

    // Near the teacher the third version has about a² of forward KL's gradient left.
    const near = teacher.map((value) => value + 0.01 * random.normal());
    const slope = (config: LossConfig) =>
      norm(rowLoss(near, teacher, TARGET_WORD, config).divergenceGradient);
    const left = slope(loss("legacy-v3", 0.4)) / slope(loss("forward_kl"));
    say(`near the teacher the third version at 0.4 has ${short(left)} of forward KL's gradient; 0.4² = 0.16`);
    assert.ok(Math.abs(left - 0.16) < 0.02);

    const { crossEntropyGradient, divergenceGradient } = rowLoss(student, teacher, TARGET_WORD, kinds[0][1]);
    const [warning] = zeroGradientWarnings(
      [{ crossEntropy: norm(crossEntropyGradient), distillation: norm(divergenceGradient) }],
      kinds[0][1],
    );
    say(`and a run says: ${warning}`);
    assert.match(warning!, /^The loss legacy-v1 counts with weight 0\.5 but its gradient is /);
  },
};
