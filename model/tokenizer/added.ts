/** Finds added tokens in a text: the leftmost first, of those that begin there the longest. */
import type { AddedText } from "./tables.ts";

/** A character of a tree of tokens. */
interface Node {
  readonly next: Map<number, Node>;
  /** Id of the token that ends here. */
  id: number | undefined;
}

/** Cuts a text into what is no token (text) and tokens (ids). */
export function createFinder(tokens: readonly AddedText[]): (text: string) => (string | number)[] {
  if (tokens.length === 0) return (text) => [text];
  const root: Node = { next: new Map(), id: undefined };
  for (const [content, id] of tokens) {
    let node = root;
    for (let i = 0; i < content.length; i++) {
      const code = content.charCodeAt(i);
      let next = node.next.get(code);
      if (!next) node.next.set(code, next = { next: new Map(), id: undefined });
      node = next;
    }
    node.id = id;
  }
  const begins = new Uint8Array(0x10000);
  for (const code of root.next.keys()) begins[code] = 1;

  return (text) => {
    const pieces: (string | number)[] = [];
    let start = 0;
    for (let i = 0; i < text.length;) {
      if (begins[text.charCodeAt(i)] === 0) {
        i++;
        continue;
      }
      let end = i, id = 0;
      for (let at = i, node = root.next.get(text.charCodeAt(at)); node;) {
        at++;
        if (node.id !== undefined) [end, id] = [at, node.id];
        node = node.next.get(text.charCodeAt(at));
      }
      if (end === i) {
        i++;
        continue;
      }
      if (i > start) pieces.push(text.slice(start, i));
      pieces.push(id);
      start = i = end;
    }
    if (start < text.length) pieces.push(text.slice(start));
    return pieces;
  };
}
