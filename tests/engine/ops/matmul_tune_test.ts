/** Choosing kernels by measurement: what recordings ask for is measured, wrong answers are left out. Nothing is timed here. */
import assert from "node:assert/strict";
import {
  type Choice,
  createTensor,
  type Engine,
  kernelsFingerprint,
  measureProducts,
  openEngine,
  product,
  record,
} from "../../../engine/mod.ts";
import { gpuTest } from "../../support/engine.ts";

/** Records a product; answers the tile that was taken. */
function recorded(engine: Engine, M = 64, dtype: "f32" | "bf16" = "f32"): string {
  const [N, K] = [72, 40], a = createTensor("a", "input", [M, K]), c = createTensor("c", "output", [M, N]);
  const b = createTensor("b", "parameter", [N, K], dtype);
  const { program } = record(
    "product",
    engine.target,
    () => product({ op: "matmul", layout: "NT", a, b, c, M, N, K }),
  );
  const [{ kernel, grid }] = program.dispatches as [typeof program.dispatches[number]];
  return `${kernel.file} ${grid}`;
}

const TILE: Choice = { variant: "tiled", rows: 32, columns: 32 };

gpuTest("what recordings ask for is measured once and then taken", async () => {
  const engine = await openEngine();
  try {
    const { choices } = engine.target;
    recorded(engine);
    recorded(engine, 66); // of the same class
    recorded(engine, 64, "bf16");
    assert.deepEqual(choices.wanted().map(({ M, packed }) => [M, packed]), [[64, false], [64, true]]);
    const seen: string[] = [];
    const tuned = await measureProducts(engine, {
      milliseconds: 60_000,
      candidates: () => [TILE],
      onClass: (name, done, total) => seen.push(`${name} ${done}/${total}`),
    });
    assert.deepEqual(seen, ["NT 64x64x32 0/2", "NT 64x64x32 bf16 1/2"]);
    assert.deepEqual([tuned.left, tuned.excluded], [0, []]);
    assert.deepEqual(choices.entries(), [["NT 64x64x32", TILE], ["NT 64x64x32 bf16", TILE]]);
    assert.equal(recorded(engine), "ops/matmul/tiled.wgsl 2,3,1");
    assert.deepEqual(choices.wanted(), []);
    choices.clear();
    assert.deepEqual(choices.entries(), []);
  } finally {
    engine.close();
  }
});

gpuTest("a kernel that gives wrong answers is left out and named", async () => {
  const engine = await openEngine();
  try {
    recorded(engine);
    // Tiles of 32 x 32 in a grid of 32 x 64: half of C is never written.
    const wrong: Choice = { variant: "tiled", rows: 32, columns: 64 };
    const { classes, excluded } = await measureProducts(engine, {
      milliseconds: 60_000,
      candidates: () => [wrong, TILE],
    });
    assert.deepEqual(classes.map(({ choice }) => choice), [TILE]);
    assert.deepEqual(excluded.map(({ name, choice }) => [name, choice]), [["NT 64x64x32", wrong]]);
    assert.match(excluded[0]!.reason, /^element \[\d+, \d+\] is 0 where f64 gives -?\d/);
  } finally {
    engine.close();
  }
});

gpuTest("no time, no measurement: the classes that are left are counted", async () => {
  const engine = await openEngine();
  try {
    recorded(engine);
    const tuned = await measureProducts(engine, { milliseconds: -1 });
    assert.deepEqual(tuned, { classes: [], left: 1, excluded: [] });
  } finally {
    engine.close();
  }
});

Deno.test("the texts of the kernels have a name", () => assert.match(kernelsFingerprint(), /^[0-9a-f]{8}$/));
