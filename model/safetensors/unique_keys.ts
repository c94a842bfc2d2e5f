/**
 * The first key that an object in `json` repeats, or `undefined`. `JSON.parse` keeps the last of them in silence.
 *
 * @param json Text that `JSON.parse` accepts.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { repeatedKey } from "./unique_keys.ts";
 *
 * assert.equal(repeatedKey('{"a": {"b": 1}, "b": "a"}'), undefined);
 * assert.equal(repeatedKey('{"a": 1, "\\u0061": 2}'), "a");
 * ```
 */
export function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    if (json[at] === "{") open.push(new Set());
    else if (json[at] === "}") open.pop();
    else if (json[at] === '"') {
      const start = at;
      for (at++; json[at] !== '"'; at++) if (json[at] === "\\") at++;
      if (!isKey(json, at + 1)) continue;
      const key = JSON.parse(json.slice(start, at + 1)) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** A string is a key when a colon follows it. */
function isKey(json: string, after: number): boolean {
  while (" \t\n\r".includes(json[after] ?? ":")) after++;
  return json[after] === ":";
}
