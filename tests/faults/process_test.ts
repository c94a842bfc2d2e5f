/** What surrounds a process: pipes that close, no terminal, a clock set back, locales, odd names of files. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createProgress } from "../../cli/progress.ts";
import { captureIo, lapidaryShared } from "../support/cli.ts";
import { commandTest, goldenPath, settings } from "../support/command.ts";
import { lapidaryProcess, outputOf } from "../support/process.ts";
import { smallTokenizer } from "../support/tokenizer.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

const A = goldenPath("tiny_a"), ROWS = goldenPath("tiny_a_golden/rows.jsonl");
const onPosix = { ignore: Deno.build.os === "windows" };

async function tokenizerIn(directory: string): Promise<string> {
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(join(directory, "tokenizer.json"), JSON.stringify(smallTokenizer()));
  return directory;
}

/** A process one of whose streams nobody reads: its code, and what the other stream says. */
async function unread(
  stream: "stdout" | "stderr",
  args: readonly string[],
): Promise<[code: number, other: string]> {
  const process = (await lapidaryProcess(args)).spawn();
  await process[stream].cancel();
  const other = await new Response(process[stream === "stdout" ? "stderr" : "stdout"]).text();
  return [(await process.status).code, other];
}

Deno.test(
  "a pipe that nobody reads ends a command with 141, and not a word",
  onPosix,
  () =>
    inTemporaryDirectory(async (directory) => {
      const model = await tokenizerIn(directory), text = "he ".repeat(10_000);
      assert.deepEqual(await unread("stdout", ["tokenize", "--model", model, text]), [141, ""]);
      assert.deepEqual(await unread("stderr", ["perplexity", "--model", A, "--data", ROWS]), [141, ""]);
      // An error that nobody can be told keeps its code.
      assert.deepEqual(await unread("stderr", ["tokenize", "--model", join(directory, "missing"), "he"]), [
        1,
        "",
      ]);
      assert.deepEqual(await unread("stderr", ["tokenize", "he"]), [2, ""]);
    }),
);

Deno.test(
  "without a terminal, input or home: one JSON line a message, no colour, no drawing",
  onPosix,
  () =>
    inTemporaryDirectory(async (directory) => {
      const out = join(directory, "out");
      const args = ["prune", "--model", A, "--drop", "1", "--out", out];
      const command = await lapidaryProcess(args, { HOME: "", TERM: "", XDG_CACHE_HOME: "", COLUMNS: "0" });
      const { code, out: printed, err } = await outputOf(command);
      assert.equal(code, 0, err);
      assert.ok(!`${printed}${err}`.includes("\x1b"));
      for (const line of err.trimEnd().split("\n").filter((line) => line !== "")) JSON.parse(line);
    }),
);

commandTest(
  "a clock that is set back while it trains: times in the log never fall, none is below 0",
  async (directory) => {
    const out = join(directory, "out"), real = Date.now;
    let clock = real();
    Date.now = () => clock -= 3_600_000;
    try {
      const { code, err } = await lapidaryShared(
        ...["train", "--teacher", A, "--student", A, "--data", ROWS, "--out", out],
        ...settings("train.epochs=2", "train.micro_batch=2"),
      );
      assert.equal(code, 0, err);
      for (const line of err.trimEnd().split("\n")) {
        const { seconds = 0, eta_seconds = 0 } = JSON.parse(line);
        assert.ok(seconds >= 0 && eta_seconds >= 0, line);
      }
    } finally {
      Date.now = real;
    }
    const lines = (await Deno.readTextFile(join(out, "log.jsonl"))).trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    assert.ok(lines.length > 2);
    let before = 0;
    for (const { seconds, tokens_per_second } of lines) {
      assert.ok(seconds >= before && tokens_per_second > 0);
      before = seconds;
    }
  },
);

Deno.test("progress whose own clock stands or falls back shows no rate and no time left", () => {
  const io = captureIo();
  let time = 1000;
  const progress = createProgress(io, { now: () => time });
  progress.update({ stage: "train", done: 0, total: 4, unit: "steps" });
  time = 500;
  progress.update({ stage: "train", done: 4, total: 4, unit: "steps", showsRate: true });
  for (const line of io.err) {
    const { seconds, eta_seconds = 0, steps_per_second = 0 } = JSON.parse(line);
    assert.ok(seconds >= 0 && eta_seconds >= 0 && steps_per_second >= 0, line);
  }
});

Deno.test(
  "the locale changes nothing: text in and out is UTF-8",
  onPosix,
  () =>
    inTemporaryDirectory(async (directory) => {
      const model = await tokenizerIn(join(directory, "žluťoučký kůň"));
      const args = ["tokenize", "--model", model, "--json", "žluť 東京 😀"];
      const outputs = await Promise.all(
        ["C", "POSIX", "C.UTF-8", "tr_TR.UTF-8", "ja_JP.eucJP", "nonsense"].map(async (locale) =>
          await outputOf(await lapidaryProcess(args, { LANG: locale, LC_ALL: locale, LC_NUMERIC: "de_DE" }))
        ),
      );
      for (const output of outputs) assert.deepEqual(output, outputs[0]);
      assert.equal(outputs[0]!.code, 0, outputs[0]!.err);
      assert.ok(JSON.parse(outputs[0]!.out).input_ids.length > 10);
    }),
);

commandTest("runs, models and data under names of any kind", async (directory) => {
  const odd = join(directory, "žluťoučký kůň 東京 😀 #1 100% [a]*?'\"$HOME;&"), model = join(odd, "a model");
  await Deno.mkdir(model, { recursive: true });
  for (const name of await namesIn(A)) await Deno.copyFile(join(A, name), join(model, name));
  const data = join(odd, "řádky e\u0301.jsonl"), run = join(odd, "-run one");
  await Deno.copyFile(ROWS, data);
  const succeed = async (...args: string[]) => {
    const { code, err } = await lapidaryShared(...args, "--quiet");
    assert.deepEqual([code, err], [0, ""], args[0]);
  };
  const short = settings("train.max_steps=1", "train.micro_batch=2", "prune.count=1");
  await succeed("distill", "--teacher", model, "--data", data, "--run", run, ...short);
  await succeed("perplexity", "--model", join(run, "student"), "--data", data);
  await succeed("card", run);
  await succeed("report", run);
  await succeed("compare", run, run);
  await succeed("prune", "--model", model, "--drop", "0", "--out", join(odd, "out"));
  const again = join(odd, "again");
  await succeed("distill", "--preset", join(run, "config.resolved.json"), "--run", again);
  assert.deepEqual(
    await Deno.readFile(join(again, "student/model.safetensors")),
    await Deno.readFile(join(run, "student/model.safetensors")),
  );
  const results = JSON.parse(await Deno.readTextFile(join(run, "results.json")));
  assert.deepEqual([results.config.teacher, results.data.files[0].path], [model, data]);
});
