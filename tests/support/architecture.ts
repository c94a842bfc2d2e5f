/** The rules of the project's structure, as pure functions from what was found to what is wrong with it. */

/** One file importing another; paths are relative to the repository root, with forward slashes. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** The text of every source and document, by path. */
export type Sources = ReadonlyMap<string, string>;

/** Each may import what stands before it. */
const LAYERS = ["engine", "model", "train", "eval", "pipeline", "cli", "main.ts"];
const ENGINE_LAYERS = ["core", "gpu", "compiler", "program", "autograd", "ops", "view", "verify", "mod.ts"];
/** `bench` may import what stands up to this one. */
const BELOW_BENCH = "pipeline";
const MAX_LINES = 300;

const top = (path: string) => path.split("/")[0]!;
const isTest = (path: string) => top(path) === "tests";

/** Position of the module that holds `path`; `bench` stands between the layers it may and may not import. */
function layer(path: string): number {
  return top(path) === "bench" ? LAYERS.indexOf(BELOW_BENCH) + 0.5 : LAYERS.indexOf(top(path));
}

/** Imports against the arrows between modules and, inside the engine, between its folders. */
export function againstArrows(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, to }) => {
    if (isTest(from)) return [];
    if (isTest(to)) return [`${from} imports ${to}: nothing imports tests; move what it needs out of tests/`];
    if (top(to) === "bench" && top(from) !== "bench") {
      return [`${from} imports ${to}: nothing imports bench; move what it needs out of bench/`];
    }
    for (const path of [from, to]) {
      if (layer(path) < 0) return [`${path} is in no known module; give "${top(path)}" a place in LAYERS`];
    }
    if (top(from) === top(to)) return top(from) === "engine" ? againstEngineArrows(from, to) : [];
    if (layer(to) < layer(from)) return [];
    return [
      `${from} imports ${to}: arrows go ${LAYERS.join(" <- ")}; move the shared part into ${top(from)} ` +
      "or hand it down as an argument",
    ];
  });
}

function againstEngineArrows(from: string, to: string): string[] {
  const [fromFolder, toFolder] = [from, to].map((path) => path.split("/")[1]!) as [string, string];
  for (const folder of [fromFolder, toFolder]) {
    if (!ENGINE_LAYERS.includes(folder)) {
      return [`engine/${folder} is in no known folder of the engine; give it a place in ENGINE_LAYERS`];
    }
  }
  if (ENGINE_LAYERS.indexOf(toFolder) <= ENGINE_LAYERS.indexOf(fromFolder)) return [];
  return [
    `${from} imports ${to}: inside the engine each of ${
      ENGINE_LAYERS.join(", ")
    } imports only what stands to its left; ` +
    `move the shared part into engine/${fromFolder}`,
  ];
}

/**
 * The registry gathers each op with its definition and its cases, which the op's own door leaves out: they are for tests
 * and benchmarks, not for models.
 */
const REGISTRY = "engine/ops/registry.ts";
const GATHERED = /^engine\/ops\/[^/]+\/(reference|cases)\.ts$/;

/** Imports into a folder past its `mod.ts`, from outside the folder. Tests may look inside. */
export function pastDoors(imports: readonly Import[], files: Iterable<string>): string[] {
  const doors = [...files].filter((path) => path.endsWith("/mod.ts")).sort((a, b) => a.length - b.length);
  return imports.flatMap(({ from, to }) => {
    if (isTest(from) || (from === REGISTRY && GATHERED.test(to))) return [];
    const door = doors.find((path) => {
      const folder = path.slice(0, -"mod.ts".length);
      return to.startsWith(folder) && !from.startsWith(folder);
    });
    if (door === undefined || door === to) return [];
    return [
      from === REGISTRY
        ? `${from} imports ${to} past its door; of an op's files it may import mod.ts, reference.ts and cases.ts`
        : `${from} imports ${to} past its door; import ${door} and export there what is needed`,
    ];
  });
}

/** Circles of imports, each named once, from its alphabetically first file. */
export function cycles(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const found = new Set<string>();
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string) => {
    const start = path.indexOf(file);
    if (start >= 0) {
      const circle = path.slice(start);
      const first = circle.indexOf([...circle].sort()[0]!);
      const named = [...circle.slice(first), ...circle.slice(0, first)];
      found.add([...named, named[0]].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of targets.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of targets.keys()) visit(file);
  return [...found].map((circle) =>
    `${circle} is a circle; move what both need into a file that imports neither`
  );
}

/** A pattern that must not occur in the files that `where` picks. */
interface Ban {
  readonly pattern: RegExp;
  readonly where: (path: string) => boolean;
  readonly rule: string;
}

const isCode = (path: string) => /\.(ts|wgsl)$/.test(path);

const BANS: readonly Ban[] = [
  {
    pattern: /\bconsole\s*\./,
    where: (path) => path.endsWith(".ts") && !["cli", "main.ts", "bench", "tests"].includes(top(path)),
    rule: "only the command line, benchmarks and tests print; return the value or write to the log",
  },
  {
    pattern: /\$\{/,
    where: (path) => path.endsWith(".wgsl"),
    rule: "shader text is never a template; use a knob or a generated kernel",
  },
  {
    pattern: /\bDeno\.[a-zA-Z]/,
    where: (path) => path.startsWith("engine/") && path.endsWith(".ts") && path !== "engine/gpu/device.ts",
    rule:
      "the engine runs in browsers too; only engine/gpu/device.ts knows Deno, so take the value as an argument",
  },
  {
    pattern: new RegExp(["", "work", ""].join("/")),
    where: () => true,
    rule: "a path of one machine; use a relative path or an argument",
  },
  {
    pattern: /\.\.\/shared\b/,
    where: (path) => !isTest(path),
    rule:
      "only tests look beside the repository, and skip where nothing is there; take a path as an argument",
  },
];

/** Files that are too long or say what they must not, each with the line. */
export function badContents(sources: Sources): string[] {
  return [...sources].flatMap(([path, text]) => {
    const lines = text.split("\n");
    const length = lines.at(-1) === "" ? lines.length - 1 : lines.length;
    const long = isCode(path) && length > MAX_LINES
      ? [`${path} has ${length} lines: at most ${MAX_LINES}; split it by purpose`]
      : [];
    const banned = BANS.filter((ban) => ban.where(path)).flatMap(({ pattern, rule }) =>
      lines.flatMap((line, i) =>
        pattern.test(line) ? [`${path}:${i + 1} has ${pattern.exec(line)![0]}: ${rule}`] : []
      )
    );
    return [...long, ...banned];
  });
}
