/** What happens to one weight at the end of a step. */
import { compared, equals, short, signed } from "./numbers.ts";
import type { Seen, Told } from "./stop.ts";

/** The norm of all gradients and what it makes of them. */
export function clip({ values: { squares, state }, dispatch: { params } }: Seen): Told {
  const norm = Math.sqrt(squares![0]!), limit = params.limit!, factor = Math.min(1, limit / (norm + 1e-6));
  const limited = limit < 1e38;
  return {
    formula: "norm = √(Σ of all squares), factor = min(1, limit / (norm + 1e-6))",
    hand: [
      `√${short(squares![0]!)} = ${short(norm)}, ${limited ? `limit ${short(limit)}` : "no limit"}: factor`,
      equals(factor, state![1]!),
    ],
    reference: compared(state!, [norm, factor]),
  };
}

/** AdamW at one weight. */
export function adamw({ values, before, dispatch: { params } }: Seen, name: string): Told {
  const { beta1, rest1, beta2, rest2, eps, decay } = params as Record<string, number>;
  const [lr, rate, root] = values.schedule as unknown as [number, number, number], factor = values.clip![1]!;
  const g = values.gradient![0]! * factor, old = before.p![0]!;
  const m = beta1! * before.m![0]! + rest1! * g, v = beta2! * before.v![0]! + rest2! * g * g;
  const p = old * (1 - lr * decay!) - rate * m / (Math.sqrt(v) / root + eps!);
  return {
    formula:
      "m ← β₁ m + (1-β₁) g;  v ← β₂ v + (1-β₂) g²;  p ← p (1 - lr decay) - lr / (1-β₁ᵗ) · m / (√v / √(1-β₂ᵗ) + ε)",
    hand: [
      `${name}: g = ${short(values.gradient![0]!)} · ${signed(factor)}, lr ${short(lr)}, decay ${
        short(decay!)
      }`,
      `m = ${short(beta1!)}·${signed(before.m![0]!)} + ${signed(rest1!)}·${signed(g)} = ${short(m)}`,
      `v = ${signed(beta2!)}·${signed(before.v![0]!)} + ${signed(rest2!)}·${signed(g)}² = ${short(v)}`,
      `p = ${short(old)} · ${signed(1 - lr * decay!)} - ${signed(rate)} · ${signed(m)} / (${
        short(Math.sqrt(v))
      } / ${short(root)} + ${signed(eps!)})`,
      equals(p, values.p![0]!),
      `  it moved by ${
        short(values.p![0]! - old)
      }: in the first step about the learning rate, however large the gradient is`,
    ],
    reference: compared([values.m![0]!, values.v![0]!, values.p![0]!], [m, v, p]),
  };
}
