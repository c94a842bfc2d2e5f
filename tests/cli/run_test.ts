import assert from "node:assert/strict";
import { join } from "node:path";
import { InterruptedError } from "../../cli/interrupt.ts";
import { formatError } from "../../cli/run.ts";
import { UsageError } from "../../engine/mod.ts";
import { configKeys } from "../../train/config/mod.ts";
import { captureIo, lapidary } from "../support/cli.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";
import { smallTokenizer } from "../support/tokenizer.ts";

async function withTokenizer(test: (directory: string) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    await Deno.writeTextFile(join(directory, "tokenizer.json"), JSON.stringify(smallTokenizer()));
    await test(directory);
  });
}

Deno.test("tokenize: a table, or one JSON value and nothing else", () =>
  withTokenizer(async (directory) => {
    assert.deepEqual(await lapidary("tokenize", "--model", directory, "hello\n"), {
      code: 0,
      out: "  2  <bos>\n269  he\n262  l\n270  lo\n 14  <0x0A>\n",
      err: "",
    });
    assert.deepEqual(await lapidary("tokenize", "--model", directory, "--json", "he"), {
      code: 0,
      out: '{"input_ids":[2,269],"tokens":["<bos>","he"]}\n',
      err: "",
    });
  }));

Deno.test("tokenize: the model's config bounds the ids", () =>
  withTokenizer(async (directory) => {
    const config = {
      model_type: "gemma3_text",
      vocab_size: 271,
      hidden_size: 32,
      intermediate_size: 48,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 8,
    };
    await Deno.writeTextFile(join(directory, "config.json"), JSON.stringify(config));
    assert.deepEqual(await lapidary("tokenize", "--model", directory, "a he"), {
      code: 1,
      out: "",
      err:
        'error: Cannot encode "▁he": its id 271 has no row in the model\'s vocabulary of 271; remove it from the text\n',
    });
  }));

const usage = '(add "--help" for usage)\n';
const refused: [args: string[], err: string][] = [
  [["tokenise"], `error: unknown command 'tokenise'\n(Did you mean tokenize?)\n${usage}`],
  [["tokenize", "--modle", "x", "y"], `error: unknown option '--modle'\n(Did you mean --model?)\n${usage}`],
  [
    ["tokenize", "a", "b"],
    `error: too many arguments for 'tokenize'. Expected 1 argument but got 2: a, b.\n${usage}`,
  ],
  [["tokenize"], `error: missing required argument 'text'\n${usage}`],
  [
    ["tokenize", "a"],
    "error: Missing --model; name a directory with tokenizer.json, a .gguf file or a name on the hub\n",
  ],
  [["config", "keys", "train.lrr"], 'error: Unknown key "train.lrr"; did you mean "train.lr"?\n'],
  [
    ["config", "show", "--set", "seed=x"],
    'error: Cannot use seed=x (--set): "x" is not a number; give one, such as 10 or 4e-5\n',
  ],
  [
    ["completion", "csh"],
    `error: command-argument value 'csh' is invalid for argument 'shell'. Allowed choices are zsh, bash, fish, powershell.\n${usage}`,
  ],
];

for (const [args, err] of refused) {
  Deno.test(`usage error: lapidary ${args.join(" ")}`, async () => {
    assert.deepEqual(await lapidary(...args), { code: 2, out: "", err });
  });
}

Deno.test("without a command: the help, on standard error, as a usage error", async () => {
  const { code, out, err } = await lapidary();
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^Usage: lapidary \[options\] \[command\]\n/);
});

Deno.test("help goes to standard output and shows examples", async () => {
  const { code, out, err } = await lapidary("tokenize", "--help");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /Examples:\n {2}lapidary tokenize --model/);
  assert.match(out, /Global Options:/);
});

Deno.test("the version is that of deno.json", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assert.deepEqual(await lapidary("--version"), { code: 0, out: `${version}\n`, err: "" });
});

Deno.test("config show is a preset file of its own", () =>
  inTemporaryDirectory(async (directory) => {
    const first = await lapidary("config", "show", "--preset", "gem-3-mini", "--set", "train.lr=1e-3");
    const path = join(directory, "mine.json");
    await Deno.writeTextFile(path, first.out);
    assert.deepEqual(await lapidary("config", "show", "--preset", path), first);
    assert.equal(JSON.parse(first.out).train.lr, 1e-3);
  }));

Deno.test("config keys and schema", async () => {
  assert.deepEqual(await lapidary("config", "keys", "train.lr"), {
    code: 0,
    out: "train.lr\n    Learning rate of AdamW at its highest. Default: 4e-5\n",
    err: "",
  });
  const { out } = await lapidary("config", "keys");
  assert.equal(out.trimEnd().split("\n").length, 2 * configKeys.size);
  assert.equal(JSON.parse((await lapidary("config", "schema")).out).type, "object");
});

Deno.test("errors: a sentence; everything under --debug; colour on request", () => {
  const error = new UsageError("Cannot do it");
  const plain = { debug: false, color: false };
  assert.equal(formatError(error, plain), "error: Cannot do it\n");
  assert.equal(formatError(error, { debug: false, color: true }), "\x1b[31merror:\x1b[39m Cannot do it\n");
  assert.match(
    formatError(error, { debug: true, color: false }),
    /^error: UsageError: Cannot do it\n {4}at /,
  );
  assert.equal(
    formatError(new TypeError("x is undefined"), plain),
    'error: x is undefined\nThis looks like a fault of Lapidary itself; add "--debug" to see where it comes from\n',
  );
  assert.equal(formatError("text", plain), "error: text\n");
});

Deno.test("--debug shows the stack of a refused command", async () => {
  const { code, err } = await lapidary("tokenize", "a", "--debug");
  assert.equal(code, 2);
  assert.match(
    err,
    /^error: UsageError: Missing --model; name a directory with tokenizer\.json, a \.gguf file or a name on the hub\n {4}at /,
  );
});

Deno.test("interrupts have the exit codes of a shell", () => {
  assert.equal(new InterruptedError("SIGINT").exitCode, 130);
  assert.equal(new InterruptedError("SIGTERM").exitCode, 143);
  assert.equal(new InterruptedError("SIGINT").message, "Interrupted; nothing was left half written");
  assert.equal(captureIo().isTerminal, false);
});
