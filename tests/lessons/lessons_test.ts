/** Each lesson runs, holds, and has its page of prose whose pointers lead somewhere. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { gpuTest } from "../support/engine.ts";
import { table } from "./lesson.ts";
import { LESSONS, proseOf } from "./list.ts";

const ROOT = new URL("../../", import.meta.url);

LESSONS.forEach((lesson, i) => {
  gpuTest(`lesson ${i + 1}: ${lesson.title}`, async (engine) => {
    const before = engine.allocatedBytes(), said: string[] = [];
    await lesson.run({
      engine,
      say: (line) => void said.push(...typeof line === "string" ? [line] : table(line)),
    });
    assert.ok(said.length >= 2, "it shows what it finds");
    assert.ok(said.every((line) => !/undefined|NaN/.test(line)), said.join("\n"));
    const left = engine.allocatedBytes() - before;
    assert.ok(left < 2 ** 25, `it leaves ${left} bytes beyond the pool of temporaries`);
  });
});

Deno.test("each lesson is a page: its title on top, and files to read next that exist", async () => {
  for (const [i, lesson] of LESSONS.entries()) {
    const prose = await proseOf(lesson), lines = prose.split("\n");
    assert.equal(lines[0], `${lesson.title}.`);
    assert.ok(lesson.file.startsWith(String(i + 1).padStart(2, "0")), lesson.file);
    assert.ok(lines.length >= 15 && lines.length <= 45, `${lesson.file}: ${lines.length} lines`);
    assert.match(prose, /\nRead next: /);
    for (const [path] of prose.matchAll(/\b(?:engine|model|train|eval)\/[\w/]+\.(?:ts|wgsl|md)/g)) {
      assert.ok(existsSync(new URL(path, ROOT)), `${lesson.file} points to ${path}`);
    }
  }
});

Deno.test("the list of the README is that of the lessons", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", import.meta.url));
  const listed = [...readme.matchAll(/^(\d+)\. (.*) \(`(.*)`\)$/gm)].map((
    [, number, title, file],
  ) => [number, title, file]);
  assert.deepEqual(listed, LESSONS.map(({ title, file }, i) => [String(i + 1), title, file]));
});

/** `deno task lesson`, with the permissions of the task. */
async function lesson(...args: string[]) {
  const command = new Deno.Command("deno", { args: ["task", "--quiet", "lesson", ...args], cwd: ROOT });
  const { code, stdout, stderr } = await command.output(),
    text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("deno task lesson shows a lesson, or the list where there is none of that number", async () => {
  const contents = LESSONS.map(({ title }, i) => `${String(i + 1).padStart(4)}  ${title}\n`).join("");
  assert.deepEqual(await lesson("12"), {
    code: 2,
    out: "",
    err: `error: There is no lesson "12"; give a number from 1 to 11\n${contents}`,
  });
  assert.deepEqual(await lesson(), {
    code: 0,
    out: `${contents}\ndeno task lesson 1, or deno task lessons for all\n`,
    err: "",
  });
  const { code, out } = await lesson("11");
  assert.equal(code, 0);
  assert.match(
    out,
    /^11\. What n = 5 can prove\.\n\nThe card [^]*\n--- tests\/lessons\/11_n_is_5\.ts finds here:\n\nn +60 % /,
  );
});
