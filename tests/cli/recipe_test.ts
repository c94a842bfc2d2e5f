/** The whole preset gem-3-small by one command, from a hub with the real names and layouts; then again without a network. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256File } from "../../model/files/mod.ts";
import type { RunPlan } from "../../pipeline/dry_run.ts";
import { readResults } from "../../pipeline/results.ts";
import { commandTest, settings } from "../support/command.ts";
import { startHub } from "../support/loopback_hub.ts";
import { lapidaryProcess, outputOf } from "../support/process.ts";
import { COSMOPEDIA, cosmopedia, publishedRepos, TEACHER, textOf } from "../support/published_hub.ts";

const PARTS = ["stories", "wikihow", "openstax", "web_samples_v1"];
/** Rows of a configuration's file; the run takes eight of them all. */
const ROWS = 600;

const SMALL = settings(
  ...["data.limit=30", "data.max_length=40", "importance.batch_size=4", "train.micro_batch=4"],
  ...["train.accumulation=2", "train.epochs=2", "evaluate.batch_size=4", "evaluate.task_limit=2"],
  ...["sample.max_new_tokens=2"],
);

const cases = [
  { name: "Gemma's tokenizer and sharded weights", preset: "gem-3-small", shards: 3, own: true },
  { name: "replay, weights in one file", preset: "gem-3-small-replay", shards: 1, own: false },
] as const;

for (const { name, preset, shards, own } of cases) {
  commandTest(`the recipe from the hub, then offline, bit for bit: ${name}`, async (directory) => {
    const served = join(directory, "served");
    await Deno.mkdir(served);
    await using hub = await startHub(await publishedRepos(served, { shards, rows: ROWS, own }));
    const env = { HF_HOME: join(directory, "home"), LAPIDARY_CACHE: join(directory, "cache") };
    const distill = async (run: string, more: Record<string, string>, ...flags: string[]) => {
      const args = ["distill", "--preset", preset, "--run", run, ...SMALL, ...flags];
      return await outputOf(await lapidaryProcess(args, { ...env, ...more }));
    };
    const online = { HF_ENDPOINT: hub.endpoint }, first = join(directory, "first");
    const { code, err } = await distill(first, online);
    assert.equal(code, 0, err);

    const results = await readResults(first), commit = (id: string) => hub.repos.get(id)!.commit;
    assert.deepEqual([results.teacher.layers, results.student.layers, results.drop.length], [18, 14, 4]);
    assert.deepEqual([results.data.training_rows, results.data.validation_rows], [24, 6]);
    assert.equal(results.training.student.steps, 6);
    assert.equal(results.hub!.teacher!.commit, commit(`models/${TEACHER}`));
    assert.deepEqual(
      results.data.files.map(({ path, commit, rows }) => ({ path, commit, rows })),
      PARTS.map((part, i) => ({
        ...{ path: `${COSMOPEDIA}:${part}`, commit: commit(`datasets/${COSMOPEDIA}`), rows: i < 2 ? 8 : 7 },
      })),
    );
    const { arc_easy, lambada_openai, piqa } = results.data.tasks;
    assert.deepEqual([arc_easy!.path, arc_easy!.commit], [
      "allenai/ai2_arc:ARC-Easy",
      commit("datasets/allenai/ai2_arc"),
    ]);
    assert.notEqual(lambada_openai!.commit, commit("datasets/EleutherAI/lambada_openai"));
    assert.equal(piqa!.rows, 2);
    assert.deepEqual(Object.values(results.student.tasks).map(({ n }) => n), [2, 2, 2, 2, 2]);

    const card = await Deno.readTextFile(join(first, "student/README.md"));
    assert.ok(card.includes(`${COSMOPEDIA}@${commit(`datasets/${COSMOPEDIA}`)}`));

    const kept = await Deno.readTextFile(
      join(env.LAPIDARY_CACHE, "rows/datasets--HuggingFaceTB--cosmopedia/main/stories.train.text.jsonl"),
    );
    assert.deepEqual(JSON.parse(kept.split("\n")[8]!), { text: textOf("stories", 7) });
    const parquet = hub.requests.filter(({ on, path }) => on === "store" && /\/data\/\w+\/train-/.test(path));
    assert.ok(parquet.length >= PARTS.length && parquet.every(({ range }) => range !== null));
    assert.ok(parquet.every(({ path }) => !/00001-of-00002|khanacademy/.test(path)));
    const sent = parquet.reduce((sum, { sent }) => sum + sent, 0);
    const size = Object.entries(cosmopedia(ROWS).files)
      .filter(([path]) => PARTS.some((part) => path.includes(`/${part}/train-00000`)))
      .reduce((sum, [, bytes]) => sum + (bytes as Uint8Array).length, 0);
    assert.ok(sent < 0.3 * size, `${sent} bytes of ${size}`);

    hub.requests.length = 0;
    const offline = { HF_ENDPOINT: hub.endpoint, HF_HUB_OFFLINE: "1" }, second = join(directory, "second");
    const again = await distill(second, offline);
    assert.equal(again.code, 0, again.err);
    const student = (run: string) => sha256File(join(run, "student/model.safetensors"));
    assert.equal(await student(second), await student(first));
    assert.deepEqual((await readResults(second)).data, results.data);
    const plan = await distill(join(directory, "third"), offline, "--dry-run", "--json", "--quiet");
    const { download, data, steps } = JSON.parse(plan.out) as RunPlan;
    assert.deepEqual([download, data.assumed, data.training_rows, steps], [[], false, 24, 6]);
    assert.equal(data.tasks.items, 10);
    assert.deepEqual(hub.requests, []);
  });
}

commandTest(
  "offline with nothing kept, and a data set that lacks a part: what, why and the cure",
  async (directory) => {
    const served = join(directory, "served");
    await Deno.mkdir(served);
    const [teacher] = await publishedRepos(served, { shards: 1, rows: 4, own: false });
    await using hub = await startHub([teacher!, cosmopedia(4)]);
    const env = {
      ...{ HF_ENDPOINT: hub.endpoint, HF_HOME: join(directory, "home") },
      LAPIDARY_CACHE: join(directory, "cache"),
    };
    const run = ["distill", "--preset", "gem-3-small", "--run", join(directory, "run"), "--quiet"];
    const refused = async (more: Record<string, string>, ...args: string[]) => {
      const { code, err } = await outputOf(await lapidaryProcess([...run, ...args], { ...env, ...more }));
      assert.equal(code, 1);
      return err;
    };
    assert.equal(
      await refused({}, ...settings("data.limit=20")),
      `error: Cannot take 5 rows of ${COSMOPEDIA}:wikihow: its split train has 4; lower data.limit\n`,
    );
    assert.equal(
      await refused({}, ...settings("data.limit=4"), "--data", `${COSMOPEDIA}:storys`),
      `error: Cannot read the configuration storys of ${COSMOPEDIA}: it has khanacademy, openstax, stories, ` +
        'web_samples_v1, wikihow; did you mean "stories"?\n',
    );
    assert.match(
      await refused(
        { HF_HUB_OFFLINE: "1" },
        ...settings("data.limit=16"),
        "--data",
        `${COSMOPEDIA}:openstax`,
      ),
      /^error: Cannot find the rows of .*:openstax in .*openstax.train.text.jsonl and HF_HUB_OFFLINE forbids to fetch/,
    );
    assert.match(
      await refused({}, ...settings("data.limit=8")),
      /no dataset of that name.*Or save these rows as arc_easy\.parquet and name its directory/,
    );
  },
);
