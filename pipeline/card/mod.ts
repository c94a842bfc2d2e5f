/** The card of a run's student: what was measured, of how much, and how it was made. */
import { join } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { isDirectory, isFile, writeFileAtomic } from "../../model/files/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import type { HubOrigin } from "../hub.ts";
import { RUN_FILES } from "../run_files.ts";
import { distillArguments, shellLine } from "../reproduce.ts";
import { modelsOf, readResults, type Results } from "../results.ts";
import { type CardFacts, factsOf, hasOwnTasks } from "./facts.ts";
import { frontMatterOf, missingFacts, nameOfStudent } from "./front_matter.ts";
import {
  dataSection,
  environmentSection,
  pruningSection,
  samplesSection,
  titleOf,
  trainingSection,
} from "./made.ts";
import {
  distillationSection,
  perplexitySection,
  retentionSection,
  tasksSection,
  teacherSection,
} from "./measured.ts";

export type { CardFacts } from "./facts.ts";
export { metricText } from "./numbers.ts";

/** Name of a card in a model directory. */
export const CARD = "README.md";

/**
 * Writes `student/README.md` of a finished run, in place of one that is there.
 *
 * @param given facts that files do not tell
 * @returns its path
 * @throws {DataError} where the run has no results or no student
 */
export async function writeCard(run: string, given: CardFacts = {}): Promise<string> {
  const results = join(run, RUN_FILES.results), student = join(run, RUN_FILES.student);
  for (
    const [path, exists] of [[results, await isFile(results)], [student, await isDirectory(student)]] as const
  ) {
    if (exists) continue;
    const again = join(run, RUN_FILES.config);
    throw new DataError(
      `Cannot write the card of ${run}: there is no ${path}, so nothing was measured; ${
        await isFile(again)
          ? `run ./lapidary distill --preset ${again} to measure it again in full`
          : "name the directory of a run that distill has finished"
      }`,
      { path },
    );
  }
  const card = join(student, CARD);
  await writeFileAtomic(card, await makeCard(await readResults(run), given));
  return card;
}

/** The configuration with what came from the hub at the very commits that were read. */
function pinned({ config, hub, data }: Results): Config {
  const at = ({ repo, commit }: HubOrigin) => `${repo}@${commit}`;
  const files = config.data.files.map((name) => {
    const [set = "", parts] = name.split(":"), [id = ""] = set.split("@");
    const commit = data.files.find(({ path, commit }) => commit && path.split(/[:@]/)[0] === id)?.commit;
    return commit === undefined ? name : `${id}@${commit}${parts === undefined ? "" : `:${parts}`}`;
  });
  return {
    ...config,
    data: { ...config.data, files },
    ...(hub?.teacher && { teacher: at(hub.teacher) }),
    ...(hub?.tokenizer && { tokenizer: at(hub.tokenizer) }),
  };
}

/** The text of a card. */
export async function makeCard(results: Results, given: CardFacts = {}): Promise<string> {
  const facts = await factsOf(results, given);
  const config = pinned(results);
  const command = await distillArguments(config), missing = missingFacts(facts);
  const ownTasks = hasOwnTasks(config) ? [] : ["--set", "evaluate.task_data=hub"];
  const withTasks = [
    ...command,
    ...["--set", "evaluate.tasks=arc_easy,winogrande,hellaswag,lambada_openai,piqa", ...ownTasks],
  ];
  const sections = [
    [`# ${nameOfStudent(results)}`, "", ...introduction(results, facts)],
    perplexitySection(results),
    tasksSection(results, shellLine("./lapidary", withTasks)),
    retentionSection(results),
    teacherSection(results),
    distillationSection(results),
    pruningSection(results),
    trainingSection(results),
    dataSection(results),
    samplesSection(modelsOf(results)),
    ["## Made again", "", `    ${shellLine("./lapidary", command)}`],
    environmentSection(results),
    missing.length > 0 ? ["## Left out", "", ...missing.map((text) => `- ${text}`)] : [],
  ];
  return [
    frontMatterOf(results, facts),
    ...sections.filter(({ length }) => length > 0).map((lines) => lines.join("\n")),
  ].join("\n\n") + "\n";
}

function introduction(
  { config, hub, teacher, student, drop }: Results,
  { baseModel, license }: CardFacts,
): string[] {
  return [
    `${baseModel ?? titleOf(config)} with ${student.layers} of its ${teacher.layers} blocks: ${
      drop.length === 1 ? "one was" : `${drop.length} were`
    } removed, and what is left was trained again. Written by Lapidary from what the run measured, and from nothing else.`,
    ...hub?.teacher
      ? [`The teacher was read from the hub: ${hub.teacher.repo} at commit ${hub.teacher.commit}.`]
      : [],
    ...license === undefined
      ? ["The licence of the teacher holds for it; which that is, is not known here (see the end)."]
      : [],
  ];
}
