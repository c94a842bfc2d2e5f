import assert from "node:assert/strict";
import { DataError } from "../../../engine/mod.ts";
import { encodeRequests, encodeRows, longestFed } from "../../../eval/tasks/encode.ts";
import { findTask } from "../../../eval/tasks/mod.ts";
import { createTokenizer } from "../../../model/tokenizer/mod.ts";
import { throwsWith } from "../../support/errors.ts";
import { smallTokenizer, type TokenizerJson } from "../../support/tokenizer.ts";

const tokenizerOf = (file: TokenizerJson) => createTokenizer(file, {}, { path: "tokenizer.json" });
const tokenizer = tokenizerOf(smallTokenizer());

/** Pieces of context and continuation. */
function parts(context: string, continuation: string, by = tokenizer): [string[], string[]] {
  const [ids] = encodeRequests(by, [{ context, continuation }]);
  return [by.pieces(ids!.context), by.pieces(ids!.continuation)];
}

Deno.test("context and continuation are tokenized together, with one BOS", () => {
  assert.deepEqual(parts("he", " lo"), [["<bos>", "he"], ["▁", "lo"]]);
});

Deno.test("white space at the end of the context moves to the continuation", () => {
  assert.deepEqual(parts("lo ", "he"), [["<bos>", "lo"], ["▁he"]]);
  assert.deepEqual(parts("  ", "lo"), [["<bos>"], ["▁", "▁", "lo"]]);
});

Deno.test("the continuation begins where as many ids lie behind as the context alone has", () => {
  // "h" and "e" become one: nothing of the continuation is left, as in lm-evaluation-harness.
  assert.deepEqual(parts("h", "e"), [["<bos>", "h"], []]);
  assert.deepEqual(parts("h", "ello"), [["<bos>", "h"], ["l", "lo"]]);
});

Deno.test("an empty context is BOS alone, and a text that begins with BOS gets no second one", () => {
  assert.deepEqual(parts("", " he"), [["<bos>"], ["▁he"]]);
  assert.deepEqual(parts("", "<bos>he"), [["<bos>"], ["he"]]);
  assert.deepEqual(parts("<bos>he", "lo"), [["<bos>", "he"], ["lo"]]);
});

Deno.test("a tokenizer that adds no BOS is left to it", () => {
  const plain = tokenizerOf({ ...smallTokenizer(), post_processor: null });
  assert.deepEqual(parts("he", " lo", plain), [["he"], ["▁", "lo"]]);
  assert.deepEqual(parts("", "lo", plain), [["<bos>"], ["lo"]]);
});

Deno.test("choices share their context's ids, and the longest request is what the model is fed", () => {
  const task = findTask("piqa"), document = { goal: "he", sol1: "lo", sol2: "lolo", label: 0 };
  const rows = {
    task,
    path: "piqa.jsonl",
    rows: [{ document, item: task.itemOf(document), place: "line 1" }],
    original: 1,
  };
  const encoded = encodeRows(tokenizer, rows), [first, second] = encoded.requests[0]!;
  assert.equal(first!.context, second!.context);
  const fed = second!.context.length + 3 - 1; // ▁ lo lo, the last of which is only predicted
  assert.deepEqual([longestFed([encoded], 1000), longestFed([encoded], 5), longestFed([], 5)], [fed, 5, 1]);
});

Deno.test("a continuation without a token of its own is named", () => {
  const task = { ...findTask("lambada_openai") },
    item = { requests: [{ context: "h", continuation: "e" }], target: "e" };
  const rows = { task, path: "rows.jsonl", rows: [{ document: {}, item, place: "line 4" }], original: 1 };
  throwsWith(
    () => encodeRows(tokenizer, rows),
    DataError,
    'Cannot score line 4 of rows.jsonl: "e" has no token of its own after "h"; leave the row out or give another --tokenizer',
  );
});
