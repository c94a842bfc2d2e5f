import { modelsOf, type Results } from "../../results.ts";
import { tasksOf } from "../figures/tasks.ts";
import { html, type Markup } from "../html.ts";
import { decimals, intervalText, percent } from "../numbers.ts";

/** Every metric of every task and model. */
export function tasksTable(results: Results): Markup {
  const models = modelsOf(results);
  const rows = tasksOf(results).flatMap((task) => {
    const { n, metrics } = results.teacher.tasks[task]!;
    return Object.keys(metrics).map((metric) =>
      html`
        <tr><th scope="row">${task}</th><td class="word">${metric}</td><td>${n}</td>${models.map((
          [, { tasks }],
        ) => html`<td>${measureText(metric, tasks[task]?.metrics[metric])}</td>`)}</tr>
      `
    );
  });
  return html`
    <details>
      <summary>All metrics, with standard errors</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr><th scope="col">Task</th><th scope="col" class="word">Metric</th><th scope="col">n</th>${models
              .map(([name]) => html`<th scope="col">${name}</th>`)}</tr>
          </thead>
          <tbody>
    ${rows}</tbody>
        </table>
      </div>
    </details>
  `;
}

function measureText(metric: string, measure: { value: number; stderr: number | null } | undefined): string {
  if (!measure) return "not measured";
  const write = (value: number) => metric.startsWith("acc") ? percent(value) : decimals(value, 3);
  return measure.stderr === null
    ? write(measure.value)
    : `${write(measure.value)} ± ${write(measure.stderr)}`;
}

/** Every comparison of two models, with its interval. */
export function comparisonsTable({ comparisons }: Results): Markup {
  const rows = comparisons.map(({ models: [first, second], on, metric, n, difference, interval }) => {
    const write = (value: number) =>
      metric.startsWith("acc") ? `${decimals(100 * value, 1)} points` : `${decimals(value, 4)} nats`;
    const beyond = interval[0] > 0 || interval[1] < 0;
    return html`
      <tr>
        <th scope="row">${first} less ${second}</th>
        <td class="word">${on}</td>
        <td class="word">${metric}</td>
        <td>${n}</td>
        <td>${write(difference)}</td>
        <td>${intervalText(interval, write)}</td>
        <td class="word">${beyond ? "differs" : "no difference shown"}</td>
      </tr>
    `;
  });
  return html`
    <details>
      <summary>All comparisons, paired by row or item</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Models</th>
              <th scope="col" class="word">On</th>
              <th scope="col" class="word">Metric</th>
              <th scope="col">n</th>
              <th scope="col">Difference</th>
              <th scope="col">95 % interval</th>
              <th scope="col" class="word">At 95 %</th>
            </tr>
          </thead>
          <tbody>
    ${rows}</tbody>
        </table>
      </div>
    </details>
  `;
}
