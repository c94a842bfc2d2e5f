import { formatMemory } from "../memory.ts";
import { formatTable, significant } from "../report.ts";
import { jsonLines } from "../results.ts";
import type { Measured } from "./measure.ts";
import { project, type Projection, RECIPE, REFERENCE_SECONDS } from "./projection.ts";
import type { Walk } from "./walk.ts";

const code = (content: string): string => `\`\`\`\n${content.trimEnd()}\n\`\`\``;

/** The report as Markdown: one file that says all, its rows as JSON lines at the end. */
export function formatReport(measured: Measured): string {
  const { machine, limits, walks, ladder, memory, step, seconds } = measured;
  return [
    `# Lapidary on ${machine.device}`,
    "",
    ...machineLines(measured),
    "",
    "## Correctness",
    "",
    ...walks.flatMap(walkLines),
    "",
    "## Products of matrices",
    "",
    `Limits: ${significant(limits.gflops)} GFLOP/s of multiply-adds in registers, ${
      significant(limits.gigabytes)
    } GB/s of copies.`,
    "",
    code(formatTable(ladder, limits)),
    "",
    "## One optimizer step of distillation",
    "",
    step.length > 0
      ? code(formatTable(step, limits))
      : "No size of it runs here; see what was said above the report.",
    "",
    "## Memory, planned",
    "",
    code(formatMemory(memory)),
    "",
    "## The whole recipe",
    "",
    ...projectionLines(measured),
    "",
    `Took ${Object.entries(seconds).map(([part, time]) => `${time.toFixed(1)} s for ${part}`).join(", ")}.`,
    "",
    "## Rows",
    "",
    code(jsonLines([...ladder, ...step, ...memory], limits, machine)),
    "",
  ].join("\n");
}

function machineLines({ machine }: Measured): string[] {
  const { driver, software, processor, commit, date, options } = machine;
  return Object.entries({
    driver,
    processor,
    kind: software ? "software adapter: speeds say nothing of a GPU" : "GPU",
    commit: commit ?? "unknown",
    date,
    options: JSON.stringify(options),
    precision: "computed in f32; matrices stored in f32, in the second step the teacher's in bf16",
  }).map(([name, value]) => `- ${name}: ${value}`);
}

function walkLines({ subgroupSize, ops, cases, failures }: Walk): string[] {
  const kernels = subgroupSize > 0 ? `subgroups of ${subgroupSize}` : "no subgroups";
  const verdict = failures.length === 0 ? "all right" : `${failures.length} WRONG`;
  return [
    `- ${kernels}: ${cases} cases of ${ops} ops against float64, each twice for the same bits: ${verdict}`,
    ...failures.map((failure) => `  - ${failure}`),
  ];
}

function projectionLines({ step: [step], tokens, recipe, limits }: Measured): string[] {
  if (!recipe) return ["The step was that of a small model: nothing can be projected from it."];
  const projection: Projection | undefined = step && project(step, tokens);
  if (!projection) return ["There is no right step to project from."];
  const { tokensPerSecond, seconds, ofReference, petaflop } = projection,
    count = RECIPE.tokens.toLocaleString("en-US");
  return [
    `At ${significant(tokensPerSecond)} tokens/s the ${count} tokens of gem-3-small's recipe take ` +
    `**${significant(seconds)} s**, ${
      significant(ofReference)
    } times the reference's ${REFERENCE_SECONDS} s ` +
    "(bf16 on an A100-SXM4-80GB).",
    "",
    `- ${significant(petaflop)} PFLOP as the dispatches count them, ${
      significant(petaflop * 1e6 / seconds)
    } GFLOP/s: ${(100 * petaflop * 1e6 / seconds / limits.gflops).toFixed(0)} % of the multiply-adds`,
    `- measured on micro-batches of ${tokens.toLocaleString("en-US")} tokens; the recipe's have ${
      RECIPE.microBatch.toLocaleString("en-US")
    }`,
    "- an update is counted for every micro-batch, though the recipe has one for four",
  ];
}
