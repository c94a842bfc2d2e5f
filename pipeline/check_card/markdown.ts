import { marked, type Token } from "marked";

/** A table of a markdown document, its cells as plain text. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What of a document a card's figures stand in. */
export interface Contents {
  readonly tables: readonly Table[];
  /** The lines outside tables, without list marks and emphasis. */
  readonly lines: readonly string[];
}

/**
 * Tables and lines of a document. Cards are often copied without their blank lines, so a table begins with its first line
 * that starts with a bar, whatever stands above it.
 */
export function readMarkdown(text: string): Contents {
  const lines = text.split(/\r?\n/),
    isTable = (line: string | undefined) => line?.trimStart().startsWith("|");
  const apart = lines.flatMap((line, i) =>
    i > 0 && isTable(line) !== isTable(lines[i - 1]) ? ["", line] : [line]
  );
  const tables: Table[] = [];
  marked.walkTokens(marked.lexer(apart.join("\n")), (token) => {
    if (token.type !== "table") return;
    tables.push({
      header: token.header.map(({ tokens }: Cell) => plain(tokens)),
      rows: token.rows.map((row: readonly Cell[]) => row.map(({ tokens }) => plain(tokens))),
    });
  });
  return {
    tables,
    lines: lines.filter((line) => !isTable(line)).map((line) =>
      line.replace(/^\s*(?:[-*+]|\d+\.)\s+/, "").replaceAll(/\*\*|__|`/g, "").trim()
    ).filter((line) => line !== ""),
  };
}

interface Cell {
  readonly tokens: readonly Token[];
}

/** Text of inline tokens, without emphasis, links and code marks. */
function plain(tokens: readonly Token[]): string {
  return tokens.map((token) =>
    "tokens" in token && token.tokens ? plain(token.tokens) : "text" in token ? token.text : token.raw
  ).join("").trim();
}
