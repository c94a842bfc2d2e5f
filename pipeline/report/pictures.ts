import { join } from "node:path";
import { makeDirectory, writeFileAtomic } from "../../model/files/mod.ts";
import { fileOf } from "../svg/mod.ts";
import { figuresOf } from "./figures.ts";
import { pngOf } from "./png.ts";
import type { RunRecord } from "./read.ts";

/** Width of the pictures, in units of their drawings. */
const WIDTH = 720;

/** Writes each figure of a run as NAME.svg and NAME.png into `directory`, each with where it comes from. */
export async function writePictures(record: RunRecord, directory: string): Promise<void> {
  const { name, results: { config, teacher, student, environment } } = record;
  const lines = [
    `${config.teacher}, ${teacher.layers} to ${student.layers} blocks: run ${name}, seed ${config.seed}`,
    environment.adapter,
  ] as const;
  await makeDirectory(directory);
  for (const figure of Object.values(figuresOf(record))) {
    if (!figure) continue;
    const svg = fileOf(figure.draw(WIDTH), lines), path = join(directory, figure.name);
    await writeFileAtomic(`${path}.svg`, svg);
    await writeFileAtomic(`${path}.png`, await pngOf(svg));
  }
}
