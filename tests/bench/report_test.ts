import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { readCommit } from "../../bench/machine.ts";
import { formatTable, jsonLines, type Row } from "../../bench/report.ts";

const ROWS: readonly Row[] = [
  {
    benchmark: "matmul",
    name: "NN tiled",
    shape: "8x8x8",
    kernel: "tiled.wgsl",
    time: { p50: 2, mad: 0.125, n: 7 },
    flops: 4e7,
    bytes: 3e6,
    checked: true,
  },
  {
    benchmark: "matmul",
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
    time: { p50: 1234.5, mad: 10, n: 3 },
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
step 1x2: tokens/s 98.8
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
  const lines = jsonLines(ROWS, LIMITS, machine).split("\n");
  assert.equal(lines.pop(), "");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    JSON.parse(JSON.stringify(
      ROWS.map((row) => ({ ...row, limits: LIMITS, ...machine })),
    )),
  );
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
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
