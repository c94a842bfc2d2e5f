/** `deno task lessons`: all of them; `deno task lesson 3`: one, its prose first. */
import { openEngine } from "../../engine/mod.ts";
import { table } from "./lesson.ts";
import { LESSONS, type Listed, proseOf } from "./list.ts";

const contents = LESSONS.map(({ title }, i) => `${String(i + 1).padStart(4)}  ${title}`).join("\n");

async function main([wanted, ...others]: readonly string[]): Promise<number> {
  const numbers = wanted === "all"
    ? [...LESSONS.keys()]
    : /^\d+$/.test(wanted ?? "")
    ? [Number(wanted) - 1]
    : [];
  const chosen = numbers.map((i) => LESSONS[i]).filter((lesson) => lesson !== undefined);
  if (chosen.length === 0 || others.length > 0) {
    if (wanted === undefined) {
      console.log(`${contents}\n\ndeno task lesson 1, or deno task lessons for all`);
      return 0;
    }
    console.error(
      `error: There is no lesson "${
        [wanted, ...others].join(" ")
      }"; give a number from 1 to ${LESSONS.length}\n${contents}`,
    );
    return 2;
  }
  const engine = await openEngine();
  try {
    for (const lesson of chosen) await teach(lesson);
  } finally {
    engine.close();
  }
  return 0;

  async function teach(lesson: Listed): Promise<void> {
    console.log(
      `${LESSONS.indexOf(lesson) + 1}. ${await proseOf(
        lesson,
      )}\n\n--- tests/lessons/${lesson.file} finds here:\n`,
    );
    await lesson.run({
      engine,
      say: (line) => console.log(typeof line === "string" ? line : table(line).join("\n")),
    });
    console.log("");
  }
}

Deno.exit(await main(Deno.args));
