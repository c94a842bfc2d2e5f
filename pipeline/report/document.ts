import { html, Markup } from "./html.ts";

/** What a whole page is made of. */
export interface Document {
  readonly title: string;
  /** What may run in it beside its own style, as a directive of the content security policy: nothing where missing. */
  readonly allows?: string;
  readonly style: string;
  readonly body: Markup;
}

/** A page in one file, light or dark as the reader has it, that may ask no address for anything. */
export function documentOf({ title, allows, style, body }: Document): string {
  const policy = ["default-src 'none'", "style-src 'unsafe-inline'", ...allows === undefined ? [] : [allows]];
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="${new Markup(policy.join("; "))}">
        <title>${title}</title>
        <style>${new Markup(style)}</style>
      </head>
      <body>
        ${body}
      </body>
    </html>
  `.text.trimStart();
}
