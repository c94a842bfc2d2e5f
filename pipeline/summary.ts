import { modelsOf, type Results } from "./results.ts";

/** A few lines for the terminal. */
export function summarize(results: Results): string {
  const { teacher, drop, training: { student: training, control }, data, perplexity_retention, recovery } =
    results;
  const models = modelsOf(results), count = (n: number) => n.toLocaleString("en-US");
  const table = models.map(([name, { layers, parameters, perplexity }]) =>
    `${name.padEnd(8)}  ${String(layers).padStart(6)}  ${count(parameters).padStart(13)}  ${
      perplexity.toFixed(3).padStart(10)
    }`
  );
  const samples = teacher.samples.length === 0
    ? []
    : ["", ...models.map(([name, { samples }]) => `${name.padEnd(8)}  ${JSON.stringify(samples[0])}`)];
  const measured = data.validation_rows > 0
    ? "held-out tokens"
    : "tokens of the training rows, as none were held out";
  return [
    `model     blocks     parameters  perplexity`,
    ...table,
    ...samples,
    ``,
    `Removed ${drop.length === 1 ? "block" : "blocks"} ${drop.join(", ")}. ${training.steps} ${
      training.steps === 1 ? "step" : "steps"
    }, ${count(training.tokens)} tokens in ${training.seconds.toFixed(1)} s${
      control ? `; the control, by cross-entropy alone, in ${control.seconds.toFixed(1)} s` : ""
    }.`,
    `Perplexity on ${count(teacher.tokens)} ${measured}: the student keeps ${
      perplexity_retention.toFixed(1)
    } % of the teacher's and wins back ${recovery.toFixed(1)} % of the cross-entropy lost by pruning.`,
  ].join("\n");
}
