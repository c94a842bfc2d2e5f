import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { readCommit } from "../../bench/machine.ts";
import { formatTable, type Row } from "../../bench/report.ts";
import { jsonLines, parseResults, readResults, RESULTS } from "../../bench/results.ts";

const ROWS: readonly Row[] = [
  {
    benchmark: "ladder",
    name: "NN tiled",
    shape: "8x8x8",
    kernel: "tiled.wgsl",
    time: { p50: 2, mad: 0.125, n: 7, samples: [1.875, 2, 2.125] },
    flops: 4e7,
    bytes: 3e6,
    checked: true,
  },
  {
    benchmark: "ladder",
    name: "NN naive",
    shape: "8x8x8",
    kernel: "naive.wgsl",
    time: undefined,
    flops: 4e7,
    bytes: 3e6,
    checked: true,
    wrong: "element [0, 1] is 2 where f64 gives 3",
  },
  {
    benchmark: "step",
    name: "step",
    shape: "1x2",
    kernel: "",
    time: { p50: 1234.5, mad: 10, n: 3, samples: [1224.5, 1234.5, 1244.5] },
    flops: 0,
    bytes: 0,
    checked: false,
    facts: { "tokens/s": 98.76 },
  },
];
const LIMITS = { gflops: 80, gigabytes: 6 };

Deno.test("a table shows rates and their shares of the limits, wrong results without a time, facts below", () => {
  assert.equal(
    formatTable(ROWS, LIMITS),
    `
          shape  kernel      p50 ms    mad  n  GFLOP/s  of FMA  GB/s  of copy     ok
NN tiled  8x8x8  tiled.wgsl    2.00  0.125  7     20.0    25 %  1.50     25 %    yes
NN naive  8x8x8  naive.wgsl                                                    WRONG
step      1x2                  1235   10.0  3                                      -

NN naive 8x8x8 is wrong: element [0, 1] is 2 where f64 gives 3

step 1x2
  tokens/s  98.8
`.slice(1),
  );
});

Deno.test("JSON lines carry limits and machine in every row", () => {
  const machine = {
    device: "d",
    driver: "r",
    software: true,
    processor: "p",
    commit: null,
    options: { milliseconds: 3 },
    date: "2026-01-01T00:00:00.000Z",
  };
  const lines = jsonLines(ROWS, LIMITS, machine);
  assert.equal(lines.split("\n").length, ROWS.length + 1);
  const expected = ROWS.map((row) => ({ ...row, limits: LIMITS, ...machine }));
  assert.deepEqual(parseResults(lines, "mine"), JSON.parse(JSON.stringify(expected)));
  assert.throws(
    () => parseResults(`${lines}{"benchmark": "ops"}`, "mine"),
    /^DataError: Cannot use line 4 of mine as it is no result: .*name.*; measure again with --out$/s,
  );
});

Deno.test("the committed results can still be read", async () => {
  for await (const { name } of Deno.readDir(RESULTS)) {
    if (name.endsWith(".jsonl")) assert.ok((await readResults(name.slice(0, -".jsonl".length))).length > 0);
  }
});

Deno.test("the commit is read from a branch, packed or not, from a bare HEAD, and is null outside a repository", async () => {
  const root = await Deno.makeTempDir();
  try {
    const repository = pathToFileURL(`${root}/`), hash = "1".repeat(40), packed = "2".repeat(40);
    assert.equal(await readCommit(repository), null);
    const write = (path: string, text: string) => Deno.writeTextFile(`${root}/${path}`, text);
    await write("HEAD", `${hash}\n`);
    assert.equal(await readCommit(repository), hash);
    await write("HEAD", "ref: refs/heads/main\n");
    assert.equal(await readCommit(repository), null);
    await write(
      "packed-refs",
      `# pack-refs with: peeled\n${hash} refs/heads/other/main\n${packed} refs/heads/main\n`,
    );
    assert.equal(await readCommit(repository), packed);
    await Deno.mkdir(`${root}/refs/heads`, { recursive: true });
    await write("refs/heads/main", `${hash}\n`);
    assert.equal(await readCommit(repository), hash);
    await write("worktree", `gitdir: ${root}/worktrees/one\n`);
    await Deno.mkdir(`${root}/worktrees/one`, { recursive: true });
    await write("worktrees/one/HEAD", "ref: refs/heads/other/main\n");
    await write("worktrees/one/commondir", "../..\n");
    assert.equal(await readCommit(new URL("worktree", repository)), "1".repeat(40));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
