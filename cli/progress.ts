/** Progress on standard error: one line drawn again and again on a terminal, JSON lines every few seconds elsewhere. */
import { formatBytes, formatCount, formatDuration } from "../pipeline/format.ts";
import type { Io } from "./io.ts";
import type { StageProgress } from "../pipeline/reporter.ts";

/** Shows how far a command is. */
export interface Progress {
  update(event: StageProgress): void;
  /** A line of its own, above the progress: the beginning of a stage, a warning. */
  note(text: string): void;
  /** Ends the line that is being drawn. */
  end(): void;
}

/** Least time between two drawings of the line, and between two JSON lines, in milliseconds. */
const TERMINAL_INTERVAL = 100;
const LINES_INTERVAL = 5000;

/**
 * Progress for these streams.
 *
 * @param options `quiet` shows nothing; `now` is a clock in milliseconds
 */
export function createProgress(io: Io, options: { quiet?: boolean; now?: () => number } = {}): Progress {
  const { quiet = false, now = () => performance.now() } = options;
  if (quiet) return { update: () => {}, note: () => {}, end: () => {} };
  const interval = io.isTerminal ? TERMINAL_INTERVAL : LINES_INTERVAL;
  let stage = "";
  let started = 0;
  let shown = 0;
  let drawn = false;

  const clear = () => {
    if (drawn) io.stderr("\r\x1b[K");
    drawn = false;
  };
  const end = () => {
    if (drawn) io.stderr("\n");
    drawn = false;
  };
  return {
    update(event) {
      const time = now();
      const isFirst = event.stage !== stage;
      if (isFirst) {
        end();
        [stage, started] = [event.stage, time];
      }
      if (!isFirst && event.done < event.total && time - shown < interval) return;
      shown = time;
      const seconds = Math.max(0, time - started) / 1000; // a clock may be set back
      if (io.isTerminal) {
        clear();
        io.stderr(formatLine(event, seconds).slice(0, io.columns() - 1));
        drawn = true;
      } else {
        io.stderr(`${JSON.stringify(toRecord(event, seconds))}\n`);
      }
    },
    note(text) {
      clear();
      io.stderr(io.isTerminal ? `${text}\n` : `${JSON.stringify({ note: text })}\n`);
    },
    end,
  };
}

/** Seconds left at the present speed, or undefined before anything is done. */
function remaining({ done, total }: StageProgress, seconds: number): number | undefined {
  return done > 0 && seconds > 0 ? seconds * (total - done) / done : undefined;
}

/**
 * The line of a terminal.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatLine } from "./progress.ts";
 *
 * const event = { stage: "train", done: 12, total: 48, unit: "steps", loss: 3.14159, tokensPerSecond: 4700 };
 * assert.equal(formatLine(event, 60), "train  12/48 steps  25%  loss 3.1416  4,700 tokens/s  ETA 3 min 0 s");
 * ```
 */
export function formatLine(event: StageProgress, seconds: number): string {
  const { stage, done, total, unit, loss, tokensPerSecond, memoryBytes, showsRate } = event;
  const left = remaining(event, seconds);
  const parts = [
    stage,
    unit === "bytes"
      ? `${formatBytes(done)}/${formatBytes(total)}`
      : `${formatCount(done)}/${formatCount(total)} ${unit}`,
    `${Math.floor(100 * done / total)}%`,
  ];
  if (loss !== undefined) parts.push(`loss ${loss.toFixed(4)}`);
  if (tokensPerSecond !== undefined) parts.push(`${formatCount(tokensPerSecond)} tokens/s`);
  if (showsRate && seconds > 0) {
    parts.push(
      unit === "bytes" ? `${formatBytes(done / seconds)}/s` : `${(done / seconds).toFixed(1)} ${unit}/s`,
    );
  }
  if (memoryBytes !== undefined) parts.push(formatBytes(memoryBytes));
  if (done === total) parts.push(formatDuration(seconds));
  else if (left !== undefined) parts.push(`ETA ${formatDuration(left)}`);
  return parts.join("  ");
}

function toRecord(event: StageProgress, seconds: number): Record<string, unknown> {
  const { tokensPerSecond, memoryBytes, showsRate, ...rest } = event;
  return {
    ...rest,
    ...(showsRate && seconds > 0 && { [`${event.unit}_per_second`]: event.done / seconds }),
    tokens_per_second: tokensPerSecond,
    memory_bytes: memoryBytes,
    seconds: Math.round(seconds * 1000) / 1000,
    eta_seconds: remaining(event, seconds),
  };
}
