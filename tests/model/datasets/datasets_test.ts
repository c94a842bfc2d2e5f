/** Rows of data sets by parts of their files, kept between runs; and what cannot be had. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError, UsageError } from "../../../engine/mod.ts";
import {
  type DatasetAccess,
  type DatasetPart,
  datasetRows,
  isDatasetName,
  parseDatasetName,
  shares,
} from "../../../model/datasets/mod.ts";
import { HubError, parseRepo } from "../../../model/hub/mod.ts";
import { splitFiles } from "../../../model/datasets/layout.ts";
import { rejectsWith, throwsWith } from "../../support/errors.ts";
import { settingsFor } from "../../support/hub/settings.ts";
import { type LoopbackHub, startHub } from "../../support/loopback_hub.ts";
import { parquetOf } from "../../support/parquet.ts";
import { inTemporaryDirectory, namesIn } from "../../support/temporary.ts";

const COSMOPEDIA = "HuggingFaceTB/cosmopedia";
const noise = (seed: number) =>
  Array.from({ length: 400 }, (_, i) => (Math.sin(i * 37 + seed) * 1e9 | 0).toString(36)).join("");
const rowsOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ prompt: noise(i), text: `${name} ${i}`, format: "x" }));
const FILES = {
  "README.md": "card",
  "data/stories/train-00000-of-00002.parquet": parquetOf(rowsOf("stories", 300), 50),
  "data/stories/train-00001-of-00002.parquet": parquetOf(rowsOf("more stories", 10), 50),
  "data/wikihow/train-00000-of-00001.parquet": parquetOf(rowsOf("wikihow", 40), 50),
};

const repo = parseRepo(COSMOPEDIA, "dataset");
const part = (changes: Partial<DatasetPart> = {}): DatasetPart => ({
  ...{ repo, configuration: "stories", split: "train", columns: ["text"], limit: 120 },
  ...{ limitKey: "data.limit", ...changes },
});

/** A hub with these files, access to it, and what it notes. */
async function withHub(
  files: Record<string, string | Uint8Array<ArrayBuffer>>,
  use: (
    given: {
      hub: LoopbackHub;
      access: DatasetAccess;
      offline: DatasetAccess;
      notes: string[];
      directory: string;
    },
  ) => Promise<void>,
): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    await using hub = await startHub([{ type: "dataset", id: COSMOPEDIA, files }]);
    const notes: string[] = [], note = (text: string) => void notes.push(text);
    const access = (offline: boolean): DatasetAccess => ({
      settings: () => Promise.resolve(settingsFor(hub, join(directory, "hub"), { offline })),
      directory: () => join(directory, "rows"),
      note,
    });
    await use({ hub, access: access(false), offline: access(true), notes, directory });
  });
}

Deno.test("the first rows, one column, by parts of one file; then from the kept rows without a request", () =>
  withHub(FILES, async ({ hub, access, offline, notes, directory }) => {
    const { name, commit, rows } = await datasetRows(access, part());
    assert.deepEqual([name, commit], [
      `${COSMOPEDIA}:stories`,
      hub.repos.get(`datasets/${COSMOPEDIA}`)!.commit,
    ]);
    assert.deepEqual(rows, rowsOf("stories", 120).map(({ text }) => ({ text })));
    assert.deepEqual(notes, [`${name} is taken at commit ${commit}`]);
    const sent = hub.requests.reduce((sum, { sent }) => sum + sent, 0);
    const size = FILES["data/stories/train-00000-of-00002.parquet"].length;
    assert.ok(sent < 2 ** 16 + 5000 && size > 5e5, `${sent} bytes of ${size}`);
    assert.ok(hub.requests.every(({ path }) => !path.includes("00001-of-00002")));

    hub.requests.length = 0;
    assert.deepEqual(await datasetRows(access, part()), { name, commit, rows });
    assert.deepEqual(await datasetRows(offline, part({ limit: 7 })), {
      name,
      commit,
      rows: rows.slice(0, 7),
    });
    assert.deepEqual(hub.requests, []);
    const kept = join(directory, "rows", "datasets--HuggingFaceTB--cosmopedia", "main");
    assert.deepEqual(await namesIn(kept), ["stories.train.text.jsonl"]);
    const [header] = (await Deno.readTextFile(join(kept, "stories.train.text.jsonl"))).split("\n");
    const { sha256: _, ...said } = JSON.parse(header!);
    assert.deepEqual(said, {
      ...{ repo: COSMOPEDIA, revision: "main", read_from: "main", commit, configuration: "stories" },
      ...{ split: "train", columns: ["text"], files: ["data/stories/train-00000-of-00002.parquet"] },
      ...{ rows: 120, complete: false },
    });
  }));

Deno.test("more rows than are kept are read again, over several files; damaged rows as well", () =>
  withHub(FILES, async ({ hub, access, notes, directory }) => {
    await datasetRows(access, part({ limit: 3 }));
    const { rows } = await datasetRows(access, part({ limit: 305 }));
    assert.deepEqual([rows.length, rows[299]!.text, rows[304]!.text], [305, "stories 299", "more stories 4"]);
    assert.equal((await datasetRows(access, part({ limit: null }))).rows.length, 310);
    hub.requests.length = 0;
    assert.equal((await datasetRows(access, part({ limit: 310 }))).rows.length, 310);
    assert.deepEqual(hub.requests, []);

    const path = join(directory, "rows/datasets--HuggingFaceTB--cosmopedia/main/stories.train.text.jsonl");
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 5]! ^= 1;
    await Deno.writeFile(path, bytes);
    assert.equal((await datasetRows(access, part({ limit: 4 }))).rows.length, 4);
    assert.ok(notes.includes(`The rows kept in ${path} are damaged and are read again`));
    assert.ok(hub.requests.length > 0);
  }));

Deno.test("what is not there is named, with the cure", () =>
  withHub(FILES, async ({ access, offline, directory }) => {
    const cases: [Partial<DatasetPart>, string][] = [
      [
        { configuration: "storys" },
        `Cannot read the configuration storys of ${COSMOPEDIA}: it has stories, wikihow; did you mean "stories"?`,
      ],
      [
        { configuration: "openstax" },
        `Cannot read the configuration openstax of ${COSMOPEDIA}: it has stories, wikihow; name one of these, or none`,
      ],
      [
        { configuration: null },
        `Cannot read ${COSMOPEDIA}: it has several configurations, stories, wikihow; name one, as ${COSMOPEDIA}:stories`,
      ],
      [{ split: "test" }, `Cannot read the split test of ${COSMOPEDIA}: it has train; name another data set`],
      [
        { columns: ["texts"] },
        `Cannot read data/stories/train-00000-of-00002.parquet of ${COSMOPEDIA}: it has no column "texts", only ` +
        "prompt, text, format; give a file that has it",
      ],
      [
        { configuration: "wikihow", limit: 41 },
        `Cannot take 41 rows of ${COSMOPEDIA}:wikihow: its split train has 40; lower data.limit`,
      ],
    ];
    for (const [changes, message] of cases) {
      await rejectsWith(datasetRows(access, part(changes)), DataError, message);
    }
    const kept = join(directory, "rows/datasets--HuggingFaceTB--cosmopedia/main/stories.train.text.jsonl");
    await rejectsWith(
      datasetRows(offline, part()),
      HubError,
      `Cannot find the rows of ${COSMOPEDIA}:stories in ${kept} and HF_HUB_OFFLINE forbids to fetch them; ` +
        "unset HF_HUB_OFFLINE for one run, or set LAPIDARY_CACHE to the cache that has them",
    );
  }));

Deno.test("no Parquet at all, an empty split, text that is none, a file of HTML", async () => {
  await withHub({ "README.md": "card", "data.jsonl": "{}" }, ({ access }) =>
    rejectsWith(
      datasetRows(access, part()),
      DataError,
      `Cannot read ${COSMOPEDIA}: it has no Parquet files, nor has the hub converted it; name another data set`,
    ));
  const name = "data/stories/train-00000-of-00001.parquet";
  const html = new TextEncoder().encode("<html>sign in</html>");
  await withHub({ [name]: html }, ({ access }) =>
    assert.rejects(datasetRows(access, part()), {
      name: "DataError",
      message: /^Cannot read data\/stories.* of .*: it is no sound Parquet file \(.*\); fetch it again$/,
    }));
});

Deno.test("where the owner has no Parquet, the hub's own conversion is read", () =>
  withHub({ "cosmopedia.py": "script" }, async ({ hub, access }) => {
    const files = { "default/train/0000.parquet": parquetOf(rowsOf("converted", 5)) };
    await hub.add({ type: "dataset", id: COSMOPEDIA, files, branch: "refs/convert/parquet" });
    const { rows, name } = await datasetRows(access, part({ configuration: null, limit: null }));
    assert.deepEqual([rows.length, rows[4]!.text, name], [5, "converted 4", COSMOPEDIA]);
  }));

Deno.test("a revision may be pinned", () =>
  withHub(FILES, async ({ hub, access }) => {
    const { commit } = await datasetRows(access, part());
    await hub.add({ type: "dataset", id: COSMOPEDIA, files: { "README.md": "emptied" } });
    const pinned = parseDatasetName(`${COSMOPEDIA}@${commit}:stories`).repo;
    assert.equal((await datasetRows(access, part({ repo: pinned }))).commit, commit);
    await assert.rejects(datasetRows(access, part({ configuration: "wikihow" })), DataError);
  }));

Deno.test("files of a split, in the layouts of the hub", () => {
  const files = (paths: string[], configuration: string | null, split = "test") =>
    splitFiles(paths, configuration, split);
  const arc = [
    "ARC-Challenge/test-00000-of-00001.parquet",
    "ARC-Easy/test-00000-of-00001.parquet",
    "README.md",
  ];
  assert.deepEqual(files(arc, "ARC-Easy"), [arc[1]]);
  assert.deepEqual(files(arc, null), []);
  const hashed = ["data/test-00001-of-00002-0123abc.parquet", "data/test-00000-of-00002-fedc321.parquet"];
  assert.deepEqual(files(hashed, null), hashed.toReversed());
  assert.deepEqual(files(["plain_text/test-00000-of-00001.parquet"], null), [
    "plain_text/test-00000-of-00001.parquet",
  ]);
  const converted = ["default/partial-test/0000.parquet", "default/partial-test/0001.parquet"];
  assert.deepEqual(files(converted, "default"), converted);
});

Deno.test("names of data sets", () => {
  const whole = parseDatasetName(COSMOPEDIA);
  assert.deepEqual(whole.configurations, ["stories", "wikihow", "openstax", "web_samples_v1"]);
  assert.deepEqual(parseDatasetName("Rowan/hellaswag").configurations, [null]);
  assert.deepEqual(parseDatasetName(`${COSMOPEDIA}@v1:wikihow`), {
    repo: { type: "dataset", id: COSMOPEDIA, revision: "v1" },
    configurations: ["wikihow"],
  });
  assert.deepEqual(["a/b:c", "a/b", "pebble", "./a/b", "a/b/c.txt"].map(isDatasetName), [
    ...[true, true, false, false, false],
  ]);
  for (const bad of ["", "..", "a/b", "stories+stories"]) {
    const named = bad === "stories+stories" ? "stories" : bad;
    throwsWith(
      () => parseDatasetName(`${COSMOPEDIA}:${bad}`),
      UsageError,
      `Cannot use ${
        JSON.stringify(named)
      } as a configuration of ${COSMOPEDIA}; name each once, with + between, such as ` +
        "HuggingFaceTB/cosmopedia:stories+wikihow",
    );
  }
  assert.deepEqual(shares(2000, 4), [500, 500, 500, 500]);
});
