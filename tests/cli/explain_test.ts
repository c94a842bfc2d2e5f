/** `explain` through the command line: what it answers, and requests that cannot be met. */
import assert from "node:assert/strict";
import type { Explanation } from "../../pipeline/explain/mod.ts";
import { lapidaryShared } from "../support/cli.ts";
import { answerOf, goldenPath } from "../support/command.ts";
import { gpuTest } from "../support/engine.ts";

gpuTest("explain takes Pebble where no model is named, and answers text or JSON", async () => {
  const { code, out, err } = await lapidaryShared(
    "explain",
    "Mia has a cup.",
    "--op",
    "rope",
    "--layer",
    "2",
  );
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^pebble, a text of 8 tokens: 0 "<bos>" 1 "M" /);
  assert.match(
    out,
    /\n1\. rope in block 2\/attention\n {3}y = .*\n.*\n {3}engine\/ops\/rope\/rope\.wgsl:\d+, dispatch \d+: /,
  );
  const answer = await answerOf<Explanation>("explain", "Mia has a cup.", "--op", "rope", "--layer", "2");
  assert.deepEqual(answer.stops.map(({ op }) => op), ["rope", "rope"]);
  assert.deepEqual([answer.model, answer.layer, answer.token, answer.tokens.length], ["pebble", 2, 6, 8]);
});

gpuTest("explain refuses what it cannot show", async () => {
  const A = goldenPath("tiny_a");
  const cases: [args: string[], message: string][] = [
    [["--drop", "1"], "Cannot use --drop where nothing is trained; add --backward"],
    [["--set", "train.lr=1"], "Cannot use --set where nothing is trained; add --backward"],
    [["--op", "ropes"], 'Cannot explain the op "ropes": it is not on the way; did you mean "rope"?'],
    [["--backward", "--drop", "12"], "Cannot drop layer 12: the model has layers 0 to 11; choose among them"],
    [
      ["--model", A],
      `Cannot turn text into tokens for ${A} as it has no tokenizer.json; name its directory with --tokenizer`,
    ],
  ];
  for (const [args, message] of cases) {
    assert.deepEqual(await lapidaryShared("explain", "a cup", ...args), {
      code: 2,
      out: "",
      err: `error: ${message}\n`,
    });
  }
});
