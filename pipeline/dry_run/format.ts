/** A plan as text. */
import type { RunPlan } from "../dry_run.ts";
import { formatBytes, formatCount, formatDuration, formatFlops } from "../format.ts";
import type { Download } from "./inputs.ts";

/** The plan for a person. */
export function formatPlan(plan: RunPlan): string {
  const { config, teacher, student, data, steps, tokens, step, memory, flops, control, stages } = plan;
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    JSON.stringify(config, null, 2),
    ``,
    `teacher   ${teacher.layers} blocks, ${formatCount(teacher.parameters)} parameters`,
    `student   ${student.layers} blocks, ${formatCount(student.parameters)} parameters`,
    `data      ${formatCount(data.training_rows)} training rows, ${
      formatCount(data.validation_rows)
    } held out, ${formatCount(data.tokens_per_epoch)} scored tokens an epoch${
      data.assumed ? " at most: the texts are not here, so every row counts as full" : ""
    }`,
    ...downloadLines(plan.download),
    ...data.tasks.items > 0
      ? [
        `tasks     ${config.evaluate.tasks.join(", ")}: ${formatCount(data.tasks.items)} items, ${
          formatCount(data.tasks.requests)
        } requests to each model`,
      ]
      : [],
    `training  ${formatCount(steps)} optimizer steps, ${formatCount(tokens)} scored tokens, ${
      formatFlops(flops)
    } at most`,
    ...control
      ? [
        `control   as many by cross-entropy alone, ${formatFlops(control.flops)} at most, about ${
          (100 * control.flops / flops).toFixed(0)
        } % of the training's time`,
      ]
      : [],
    `beside    importance ${formatFlops(stages.importance)}, perplexities ${
      formatFlops(stages.evaluation)
    }, tasks ${formatFlops(stages.tasks)}`,
    timeLine(plan),
    `step      ${step.micro_batches} x ${step.rows} x ${step.tokens_per_row} tokens, ${
      formatCount(step.dispatches)
    } dispatches, ${formatFlops(step.flops)}`,
    `memory    ${mebibytes(memory.peak_bytes)} at most`,
    ...memory.stages.map(({ name, memory, bytes }) =>
      `          ${name} ${mebibytes(bytes)}: ${
        Object.entries(memory).filter(([, bytes]) => bytes > 0).map(([part, bytes]) =>
          `${part.replaceAll("_", " ")} ${mebibytes(bytes)}`
        ).join(", ")
      }`
    ),
    ``,
    `The Program of a step, by op and kernel:`,
    ...step.kernels.map(({ op, kernel, dispatches, flops, bytes }) =>
      `${String(dispatches).padStart(6)} x ${op.padEnd(22)} ${kernel.padEnd(44)} ${
        formatFlops(flops).padStart(16)
      } ${mebibytes(bytes).padStart(14)}`
    ),
  ].join("\n");
}

/** What would be fetched. */
function downloadLines(download: readonly Download[]): string[] {
  if (download.length === 0) return ["download  nothing: everything is on this machine"];
  const known = download.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const unknown = download.some(({ bytes }) => bytes === null), about = download.some((each) => each.about);
  return [
    `download  ${about ? "about " : ""}${formatBytes(known)}${
      unknown ? " and what the hub would have to say" : ""
    }`,
    ...download.map(({ name, bytes, about }) =>
      `          ${name} ${bytes === null ? "of unknown size" : (about ? "about " : "") + formatBytes(bytes)}`
    ),
  ];
}

/** How long it takes, and by which measurement. */
function timeLine({ time }: RunPlan): string {
  if (!time) {
    return "time      unknown: nothing was measured on this adapter yet; lapidary tune does, and so does any training";
  }
  const { seconds, rate: { of, flops, date } } = time;
  return `time      about ${formatDuration(seconds)} at ${
    (flops / 1e9).toFixed(1)
  } GFLOP/s, measured on this adapter on ${date}: ${of}`;
}
