import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  againstArrows,
  badContents,
  cycles,
  type Import,
  pastDoors,
  type Sources,
} from "./support/architecture.ts";

const ROOT = new URL("../", import.meta.url);
const TEXT = /(\.(ts|wgsl|md|json|jsonc|sh|py|yml|yaml|html)|^lapidary|^\.ci\/run)$/;
/** Not part of the project: what runs leave behind, and data that generators wrote. */
const SKIPPED = new Set([".git", ".cache", ".gpu", "runs", "__pycache__", "node_modules"]);
const SKIPPED_DATA = ["tests/golden/data/", "bench/results/", "train/data/pebble/files/"];

function readSources(): Sources {
  const sources = new Map<string, string>();
  const walk = (folder: string) => {
    for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
      const path = folder + entry.name;
      if (entry.isDirectory) {
        if (!SKIPPED.has(entry.name) && !SKIPPED_DATA.includes(`${path}/`)) walk(`${path}/`);
      } else if (TEXT.test(path)) {
        sources.set(path, Deno.readTextFileSync(new URL(path, ROOT)));
      }
    }
  };
  walk("./");
  return new Map([...sources].map(([path, text]) => [path.slice("./".length), text]));
}

interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

/** The imports of all modules, as Deno resolves them; one made-up root reaches them all. */
async function readImports(files: readonly string[]): Promise<Import[]> {
  const root = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(root, files.map((path) => `import "${new URL(path, ROOT)}";`).join("\n"));
    const config = fileURLToPath(new URL("deno.json", ROOT));
    const { success, stdout, stderr } = await new Deno.Command("deno", {
      args: ["info", "--json", "--config", config, root],
      cwd: ROOT,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const graph: ModuleGraph = JSON.parse(new TextDecoder().decode(stdout));
    const local = (specifier: string | undefined) =>
      specifier?.startsWith(ROOT.href) ? decodeURIComponent(specifier.slice(ROOT.href.length)) : undefined;
    return graph.modules.flatMap(({ specifier, error, dependencies }) => {
      assert.equal(error, undefined, `${specifier}: ${error}`);
      const from = local(specifier);
      const targets = new Set(
        (dependencies ?? []).flatMap(({ code, type }) => [local(code?.specifier), local(type?.specifier)]),
      );
      return from === undefined ? [] : [...targets].flatMap((to) => to === undefined ? [] : [{ from, to }]);
    });
  } finally {
    await Deno.remove(root);
  }
}

/** Fails with every violation on its own line. */
function assertNone(violations: readonly string[]): void {
  assert.ok(violations.length === 0, `\n${violations.join("\n")}`);
}

Deno.test("the architecture holds", async (t) => {
  const sources = readSources();
  const modules = [...sources.keys()].filter((path) => path.endsWith(".ts"));
  const imports = await readImports(modules);
  assert.ok(imports.length > modules.length / 2, "the import graph was not read");
  await t.step("imports follow the arrows", () => assertNone(againstArrows(imports)));
  await t.step("imports use the doors", () => assertNone(pastDoors(imports, sources.keys())));
  await t.step("imports form no circle", () => assertNone(cycles(imports)));
  await t.step("files are short and say only what they may", () => assertNone(badContents(sources)));
});

const edge = (from: string, to: string): Import => ({ from, to });

Deno.test("an import against the arrows is named with its cure", () => {
  const allowed = [
    edge("model/gemma3.ts", "engine/mod.ts"),
    edge("main.ts", "cli/doctor.ts"),
    edge("bench/step.ts", "pipeline/run.ts"),
    edge("tests/model/a_test.ts", "engine/ops/matmul/mod.ts"),
    edge("engine/ops/matmul/mod.ts", "engine/core/shape.ts"),
    edge("engine/mod.ts", "engine/view/text.ts"),
  ];
  assert.deepEqual(againstArrows(allowed), []);
  const arrows = "arrows go engine <- model <- train <- eval <- pipeline <- cli <- main.ts";
  assert.deepEqual(againstArrows([edge("model/a.ts", "train/b.ts")]), [
    `model/a.ts imports train/b.ts: ${arrows}; move the shared part into model or hand it down as an argument`,
  ]);
  assert.deepEqual(againstArrows([edge("bench/a.ts", "cli/b.ts")]), [
    `bench/a.ts imports cli/b.ts: ${arrows}; move the shared part into bench or hand it down as an argument`,
  ]);
  assert.deepEqual(againstArrows([edge("main.ts", "bench/a.ts")]), [
    "main.ts imports bench/a.ts: nothing imports bench; move what it needs out of bench/",
  ]);
  assert.deepEqual(againstArrows([edge("train/a.ts", "tests/support/b.ts")]), [
    "train/a.ts imports tests/support/b.ts: nothing imports tests; move what it needs out of tests/",
  ]);
  assert.deepEqual(againstArrows([edge("tools/a.ts", "engine/mod.ts")]), [
    'tools/a.ts is in no known module; give "tools" a place in LAYERS',
  ]);
  assert.deepEqual(againstArrows([edge("engine/core/a.ts", "engine/gpu/b.ts")]), [
    "engine/core/a.ts imports engine/gpu/b.ts: inside the engine each of core, gpu, compiler, program, autograd, ops, " +
    "view, verify, mod.ts imports only what stands to its left; move the shared part into engine/core",
  ]);
  assert.deepEqual(againstArrows([edge("engine/gpu/a.ts", "engine/misc/b.ts")]), [
    "engine/misc is in no known folder of the engine; give it a place in ENGINE_LAYERS",
  ]);
});

Deno.test("an import past a door is named with the door", () => {
  const files = ["engine/mod.ts", "engine/ops/matmul/mod.ts", "model/files/mod.ts", "model/files/read.ts"];
  const allowed = [
    edge("model/a.ts", "engine/mod.ts"),
    edge("model/files/mod.ts", "model/files/read.ts"),
    edge("engine/ops/registry.ts", "engine/ops/matmul/mod.ts"),
    edge("engine/ops/registry.ts", "engine/ops/matmul/reference.ts"),
    edge("engine/ops/registry.ts", "engine/ops/matmul/cases.ts"),
    edge("tests/a_test.ts", "model/files/read.ts"),
    edge("train/a.ts", "model/gemma3.ts"),
  ];
  assert.deepEqual(pastDoors(allowed, files), []);
  assert.deepEqual(pastDoors([edge("model/a.ts", "model/files/read.ts")], files), [
    "model/a.ts imports model/files/read.ts past its door; import model/files/mod.ts and export there what is needed",
  ]);
  assert.deepEqual(pastDoors([edge("model/a.ts", "engine/ops/matmul/mod.ts")], files), [
    "model/a.ts imports engine/ops/matmul/mod.ts past its door; import engine/mod.ts and export there what is needed",
  ]);
  assert.deepEqual(pastDoors([edge("engine/ops/registry.ts", "engine/ops/matmul/launch.ts")], files), [
    "engine/ops/registry.ts imports engine/ops/matmul/launch.ts past its door; of an op's files it may import " +
    "mod.ts, reference.ts and cases.ts",
  ]);
});

Deno.test("a circle of imports is named once", () => {
  const circle = [edge("b.ts", "c.ts"), edge("c.ts", "a.ts"), edge("a.ts", "b.ts"), edge("d.ts", "b.ts")];
  const cure = "is a circle; move what both need into a file that imports neither";
  assert.deepEqual(cycles(circle), [`a.ts -> b.ts -> c.ts -> a.ts ${cure}`]);
  assert.deepEqual(cycles([edge("a.ts", "a.ts")]), [`a.ts -> a.ts ${cure}`]);
  assert.deepEqual(cycles([edge("a.ts", "b.ts"), edge("a.ts", "c.ts"), edge("b.ts", "c.ts")]), []);
});

Deno.test("a file that breaks a rule is named with line, rule and cure", () => {
  const check = (path: string, text: string) => badContents(new Map([[path, text]]));
  const machine = ["", "work", "data"].join("/");
  assert.deepEqual(check("train/a.ts", "x\n".repeat(300)), []);
  assert.deepEqual(check("train/a.ts", "x\n".repeat(301)), [
    "train/a.ts has 301 lines: at most 300; split it by purpose",
  ]);
  assert.deepEqual(check("README.md", "x\n".repeat(301)), []);
  assert.deepEqual(check("cli/a.ts", "console.log(1)"), []);
  assert.deepEqual(check("train/a.ts", "let x;\nconsole.log(x)"), [
    "train/a.ts:2 has console.: only the command line, benchmarks and tests print; return the value or write to the log",
  ]);
  assert.deepEqual(check("engine/ops/a.wgsl", "const N = ${n}u;"), [
    "engine/ops/a.wgsl:1 has ${: shader text is never a template; use a knob or a generated kernel",
  ]);
  assert.deepEqual(check("engine/gpu/device.ts", "Deno.env"), []);
  assert.deepEqual(check("engine/core/a.ts", "// As in Deno.\nDeno.env"), [
    "engine/core/a.ts:2 has Deno.e: the engine runs in browsers too; only engine/gpu/device.ts knows Deno, " +
    "so take the value as an argument",
  ]);
  assert.deepEqual(check("README.md", `see ${machine}`), [
    `README.md:1 has ${
      machine.slice(0, -"data".length)
    }: a path of one machine; use a relative path or an argument`,
  ]);
  assert.deepEqual(check("tests/a_test.ts", "../shared/data"), []);
  assert.deepEqual(check("model/a.ts", "../shared/data"), [
    "model/a.ts:1 has ../shared: only tests look beside the repository, and skip where nothing is there; " +
    "take a path as an argument",
  ]);
});
