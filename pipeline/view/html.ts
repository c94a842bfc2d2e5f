/** The page as one file that asks for nothing else. */
import { deflateSync } from "node:zlib";
import { documentOf, html, Markup, REPORT_STYLE } from "../report/mod.ts";
import style from "./page.css" with { type: "text" };
import type { Recording } from "./recording.ts";

/** What a page is built of. */
export interface PageParts {
  readonly title: string;
  /** Bundled modules that build the page. */
  readonly script: string;
  /** Elements with data that the script looks for. */
  readonly data: readonly Markup[];
  /** Whether a module of the script compiles WebAssembly, as the reader of compressed data files does. */
  readonly wasm?: boolean;
}

/** A page that its script fills. Only what stands in it runs: no address is asked for anything. */
export function pageOf({ title, script, data, wasm = false }: PageParts): string {
  return documentOf({
    title,
    allows: `script-src 'unsafe-inline'${wasm ? " 'wasm-unsafe-eval'" : ""}`,
    style: REPORT_STYLE + style,
    body: html`
      <main>
        <p>Unpacking. The page needs JavaScript.</p>
      </main>
      ${data}
      <script type="module">${new Markup(safeInScript(script))}</script>
    `,
  });
}

/** The page of a recording. */
export function recordingPage(recording: Recording, script: string): string {
  return pageOf({
    title: `${recording.about.title}: one training step, recorded`,
    script,
    data: [dataElement("recording", recording)],
  });
}

/** A document in the page: JSON, deflated, in base64. */
export function dataElement(id: string, document: unknown): Markup {
  const packed = deflateSync(JSON.stringify(document), { level: 9 }).toString("base64");
  return html`<script type="application/octet-stream" id="${id}">${packed}</script>`;
}

/** A script's text may not end the element that it stands in. */
const safeInScript = (script: string): string => script.replaceAll(/<(?=\/script|!--|script)/gi, "\\x3c");
