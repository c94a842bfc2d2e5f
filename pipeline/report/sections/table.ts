import { type Content, html, type Markup } from "../html.ts";

/** A column: its heading, and whether words stand in it rather than numbers. */
export interface Column {
  readonly heading: string;
  readonly words?: boolean;
}

/** A table whose first column names the rows; it scrolls by itself where it is wider than the page. */
export function table(columns: readonly Column[], rows: readonly (readonly Content[])[]): Markup {
  const kind = (i: number) => columns[i]!.words ? "word" : "number";
  const headings = columns.map(({ heading }, i) => html`<th scope="col" class="${kind(i)}">${heading}</th>`);
  const body = rows.map(([name, ...values]) => {
    const cells = values.map((value, i) => html`<td class="${kind(i + 1)}">${value}</td>`);
    return html`<tr><th scope="row">${name!}</th>${cells}</tr>`;
  });
  return html`
    <div class="scroll">
      <table>
        <thead>
          <tr>${headings}</tr>
        </thead>
        <tbody>${body}</tbody>
      </table>
    </div>
  `;
}

/** What only some readers want. */
export function details(summary: string, content: Content): Markup {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}
