import assert from "node:assert/strict";
import { specialize } from "../../../engine/compiler/specialize.ts";
import { unroll } from "../../../engine/compiler/unroll.ts";
import { pipeline } from "../../../engine/gpu/pipelines.ts";
import { DeviceError, kernel } from "../../../engine/mod.ts";
import { gpuTest } from "../../support/engine.ts";
import { throwsWith } from "../../support/errors.ts";

const SOURCE = `// y = SCALE x
const SIDE = 8u;
const SCALE = 1.0;
const ADD = false;
alias elem = f32;
struct Params { count: u32, /* not read */ factor: f32 } // other: u32
@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read_write> y: array<elem>;
@group(0) @binding(3) var<uniform> params: Params;
@compute @workgroup_size(SIDE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.count) { y[id.x] = SCALE * params.factor * x[id.x]; }
}
`;

Deno.test("knobs keep the kind of literal that they replace, and the lines of the file", () => {
  const code = specialize("t.wgsl", SOURCE, { SIDE: 16, SCALE: 2, ADD: true, elem: "vec4f" });
  assert.deepEqual(code.split("\n").slice(1, 5), [
    "const SIDE = 16u;",
    "const SCALE = 2.0;",
    "const ADD = true;",
    "alias elem = vec4f;",
  ]);
  assert.equal(code.split("\n").length, SOURCE.split("\n").length);
  assert.ok(specialize("t.wgsl", SOURCE, { SCALE: 0.5 }).includes("const SCALE = 0.5;"));
});

Deno.test("a knob that the file does not declare is an error", () => {
  const message = "Cannot set knob TILE of t.wgsl as the file does not declare it";
  throwsWith(() => kernel("t.wgsl", SOURCE, { TILE: 4 }), TypeError, message);
});

Deno.test("a kernel's interface is read off its text", () => {
  const { bindings, params } = kernel("t.wgsl", SOURCE);
  assert.deepEqual(bindings, [
    { name: "x", index: 0, access: "read" },
    { name: "y", index: 2, access: "read_write" },
    { name: "params", index: 3, access: "uniform" },
  ]);
  assert.deepEqual(params, [{ name: "count", type: "u32" }, { name: "factor", type: "f32" }]);
});

Deno.test("the same file and knobs give the same kernel", () => {
  assert.equal(kernel("t.wgsl", SOURCE, { SIDE: 4 }), kernel("t.wgsl", SOURCE, { SIDE: 4 }));
  assert.notEqual(kernel("t.wgsl", SOURCE, { SIDE: 4 }), kernel("t.wgsl", SOURCE, { SIDE: 8 }));
});

Deno.test("loops unroll with constant bounds and steps, nested ones too", () => {
  const constants = "const N = 4u;\nconst HALF = N / 2u;\n";
  const loop = (header: string, body: string) => `/*unroll*/ for (${header}) {${body}}`;
  assert.equal(
    unroll(constants + loop("var i = 0u; i < N; i += HALF", " a[i]; ")),
    `${constants}{ { a[0u]; } { a[2u]; } }`,
  );
  const nested = loop("var i = 0u; i < HALF; i++", loop("var j = i; j < HALF; j++", "a[i][j];"));
  assert.equal(
    unroll(constants + nested),
    `${constants}{ {{ {a[0u][0u];} {a[0u][1u];} }} {{ {a[1u][1u];} }} }`,
  );
});

Deno.test("a loop of no rounds leaves its lines, so that those behind keep their numbers", () => {
  const code = "/*unroll*/ for (var i = 0u; i < 0u; i++) {\n  a[i];\n}\nlast";
  assert.equal(unroll(code).split("\n")[3], "last");
  assert.ok(!unroll(code).includes("a["));
});

Deno.test("a loop that cannot be unrolled is an error", () => {
  const head = "/*unroll*/ for (var i = 0u; i < params.count; i++) {";
  throwsWith(
    () => unroll(`${head} a[i]; }`),
    TypeError,
    `Cannot unroll "${head}" as params.count is not a constant of the file`,
  );
  throwsWith(
    () => unroll("/*unroll*/ for (var i = 0u; i < 2u; i++) { a[i];"),
    TypeError,
    "Cannot unroll a loop whose closing brace is missing",
  );
});

Deno.test("unrolling keeps the number of lines of every kernel of the engine", () => {
  const root = new URL("../../../engine/", import.meta.url);
  let unrolled = 0;
  const walk = (folder: URL) => {
    for (const entry of Deno.readDirSync(folder)) {
      if (entry.isDirectory) walk(new URL(`${entry.name}/`, folder));
      if (!entry.name.endsWith(".wgsl")) continue;
      const source = Deno.readTextFileSync(new URL(entry.name, folder)), code = unroll(source);
      assert.equal(code.split("\n").length, source.split("\n").length, entry.name);
      if (code !== source) unrolled++;
    }
  };
  walk(root);
  assert.ok(unrolled > 0);
});

gpuTest("a shader that does not compile is named with its file, line and column", async ({ device }) => {
  const broken = SOURCE.replace("SCALE * params.factor * x", "SCALE * params.factor * z");
  const start = `Cannot compile broken.wgsl:12:${broken.split("\n")[11]!.indexOf("z[") + 1}: `;
  await assert.rejects(pipeline(device, kernel("broken.wgsl", broken)), (error: Error) => {
    assert.ok(error instanceof DeviceError);
    assert.equal(error.message.slice(0, start.length), start);
    assert.match(error.message, /no definition in scope for identifier: .?z/);
    return true;
  });
});

gpuTest("an error behind an unrolled loop keeps the line of the file", async ({ device }) => {
  const loop = "  /*unroll*/ for (var i = 0u; i < SIDE; i++) {\n    y[i] = 0.0;\n  }\n";
  const broken = SOURCE.replace("  if (id", `${loop}  if (idx`);
  await assert.rejects(
    pipeline(device, kernel("unrolled.wgsl", broken)),
    /^DeviceError: Cannot compile unrolled\.wgsl:15:7: /,
  );
});

gpuTest("a pipeline is compiled once for each text", async ({ device }) => {
  const [first, again, other] = [4, 4, 2].map((SIDE) => pipeline(device, kernel("t.wgsl", SOURCE, { SIDE })));
  assert.equal(await first, await again);
  assert.notEqual(await first, await other);
});
