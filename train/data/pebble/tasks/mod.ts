/** Pebble's five task sets, in the columns of the public sets whose names they bear. */
import { arcEasy, type ArcEasyRow } from "./arc_easy.ts";
import { hellaswag, type HellaswagRow } from "./hellaswag.ts";
import { lambadaOpenai, type LambadaRow } from "./lambada_openai.ts";
import { piqa, type PiqaRow } from "./piqa.ts";
import { winogrande, type WinograndeRow } from "./winogrande.ts";

export type { ArcEasyRow, HellaswagRow, LambadaRow, PiqaRow, WinograndeRow };

/** The rows of every task set. */
export interface PebbleTasks {
  readonly arc_easy: readonly ArcEasyRow[];
  readonly winogrande: readonly WinograndeRow[];
  readonly hellaswag: readonly HellaswagRow[];
  readonly lambada_openai: readonly LambadaRow[];
  readonly piqa: readonly PiqaRow[];
}

/** Seed of the standard task sets: the first of which no item stands in the training text (1 has one that does). */
export const PEBBLE_TASK_SEED = 2;

/**
 * Pebble's task sets: 1,000 different items each, none of which stands in the training text. Easy and hard items are
 * mixed, so that the first ones of a set are a fair sample. Another seed draws other items of the same kinds.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pebbleTasks } from "./mod.ts";
 *
 * const { piqa } = pebbleTasks();
 * assert.match(piqa[0]!.goal, /^How do you /);
 * ```
 */
export function pebbleTasks(seed: number = PEBBLE_TASK_SEED): PebbleTasks {
  return {
    arc_easy: arcEasy(seed),
    winogrande: winogrande(seed),
    hellaswag: hellaswag(seed),
    lambada_openai: lambadaOpenai(seed),
    piqa: piqa(seed),
  };
}
