/** The stops of one token on its way through the step: up through the student to the loss, and its gradient back down. */
import type { RecordedTensor, Recording } from "../recording.ts";
import { asNumbers, type Grid, gridOf } from "./heat.ts";
import type { Opened } from "./data.ts";
import type { Place } from "./step.ts";

/** A place that the token, or its gradient, passes. */
export interface Stop {
  readonly name: string;
  readonly backward: boolean;
  /** What happens there. */
  readonly text: string;
  /** The dispatch that finishes it. */
  readonly index: number;
  /** What it wrote: row t is the token's. */
  readonly tensor: RecordedTensor;
}

/** What each part of a block does to the stream, forth and back. */
const TEXTS: Readonly<Record<string, string>> = {
  embedding:
    "The token's number is looked up: its row of the embedding, times √C, is the stream that all blocks add to.",
  attention:
    "The token looks back at the tokens before it, as far as this block's window goes, and adds what it found.",
  mlp:
    "Each position by itself: a gated layer widens the stream, bends it, narrows it again, and adds the result.",
  norm: "The stream is scaled to unit size: these states, times the embedding, are the logits.",
  loss:
    "The student's distribution over the next token meets the word that came and the teacher's distribution.",
  "backward loss": "What the loss asks of the final state: its gradient, made together with the loss.",
  "backward norm": "The gradient passes the last norm.",
  "backward mlp":
    "The gradient of the stream below this MLP: what came from above, and what flows back through the MLP.",
  "backward attention":
    "The gradient of the stream below this attention: later tokens that looked here send theirs too.",
  "backward embedding": "The gradient of the token's row of the embedding: rows of equal tokens are summed.",
};

/** The stops in order. What passes is always [T, C], the last thing that a part writes. */
export function stopsOf({ dispatches, tokens }: Recording, places: readonly Place[]): Stop[] {
  const stops = new Map<string, Stop>();
  dispatches.forEach(({ tensors, op }, index) => {
    const { path, backward } = places[index]!, [model, ...inner] = path;
    if (model !== "student" && model !== "loss") return;
    const part = model === "loss" ? "loss" : inner.at(-1)!;
    const tensor = tensors.find(({ write, shape }) =>
      write && (op === "embedding.backward" || rowsOf(shape) === tokens.length)
    );
    if (!tensor || (model === "loss" && !/pair_loss|logits\.backward/.test(op))) return;
    const gradient = backward || op === "logits.backward",
      key = `${gradient ? "backward " : ""}${path.join(" ")}`;
    stops.delete(key); // the last dispatch of a part is its stop
    const text = TEXTS[`${gradient ? "backward " : ""}${part}`] ?? "";
    stops.set(key, {
      name: [...inner, ...model === "loss" ? ["loss"] : []].join(" "),
      backward: gradient,
      text,
      index,
      tensor,
    });
  });
  return [...stops.values()];
}

const rowsOf = (shape: readonly number[]): number =>
  shape.length < 2 ? 0 : shape.reduce((product, length) => product * length, 1) / shape.at(-1)!;

/**
 * The token's row of what a stop wrote, as a grid of one row: of the embedding's gradient the row of its id, else that of
 * its position.
 */
export function rowAt(opened: Opened, { tensor }: Stop, position: number): Grid | undefined {
  const grid = gridOf(opened, tensor), { tokens } = opened.recording;
  if (!grid) return undefined;
  const row = rowsOf(tensor.shape) === tokens.length ? position : tokens[position]!.id;
  const at = Math.min(grid.rows - 1, Math.floor(row / grid.every[0]));
  return { ...grid, rows: 1, at: (_, column) => grid.at(at, column) };
}

/** A guess at the next token. */
export interface Guess {
  readonly id: number;
  readonly probability: number;
}

/**
 * The likeliest next tokens at a position, by the logits of one model. None where the logits stand in several panels or
 * are not kept.
 */
export function guesses(
  opened: Opened,
  { tensors, params }: Recording["dispatches"][number],
  position: number,
  count: number,
): Guess[] {
  const { after } = tensors.find(({ write }) => write)!, width = opened.recording.vocabulary.length;
  if (after === undefined || params.N !== width) return [];
  const logits = Array.from(asNumbers(opened.values(after))).slice(position * width, (position + 1) * width);
  const top = Math.max(...logits), sum = logits.reduce((total, value) => total + Math.exp(value - top), 0);
  return logits.map((value, id): Guess => ({ id, probability: Math.exp(value - top) / sum }))
    .sort((a, b) => b.probability - a.probability).slice(0, count);
}
