/** A page that shows one training step from the inside: recorded, bundled, written. */
import { join } from "node:path";
import type { Engine } from "../../engine/mod.ts";
import { leastImportant } from "../../model/pruning/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import { configuredRows, openSource, PEBBLE, type Source } from "../inputs.ts";
import { runImportance } from "../importance.ts";
import type { Reporter } from "../reporter.ts";
import { RUN_FILES } from "../run_files.ts";
import { bundle } from "./bundle.ts";
import { dataElement, pageOf, recordingPage } from "./html.ts";
import { collectAssets, playConfig } from "./play/collect.ts";
import { rowOf } from "./row.ts";
import { readViewedRun } from "./run.ts";
import { recordTrainingStep } from "./record/step.ts";

export { servePage } from "./serve.ts";

/** What to show. */
export interface ViewSpec {
  /** A finished run whose student and configuration to take; the configuration's own pruned student where undefined. */
  readonly run: string | undefined;
  readonly config: Config;
  /** Tokens of the row that the step learns. */
  readonly tokens: number;
}

/**
 * Records one training step and builds its page.
 *
 * @throws {DataError} for a run that is none, or of another version; {UsageError} where no row has two tokens
 */
export async function buildView(
  openEngine: () => Promise<Engine>,
  spec: ViewSpec,
  reporter: Reporter,
): Promise<string> {
  const run = spec.run === undefined ? undefined : await readViewedRun(spec.run);
  const config = run?.config ?? spec.config, script = await bundle("page/main.ts"), opened: Source[] = [];
  const open = async (path: string) => {
    const source = await openSource(path, config, reporter);
    opened.push(source);
    return source;
  };
  try {
    const teacher = await open(config.teacher!);
    const student = spec.run === undefined ? undefined : await open(join(spec.run, RUN_FILES.student));
    const row = rowOf(await configuredRows(config, teacher, reporter), spec.tokens);
    const dropped = run?.dropped ?? config.prune.drop ?? leastImportant(
      (await runImportance(openEngine, config.teacher!, config, reporter)).order,
      config.prune.count,
    );
    reporter.signal.throwIfAborted();
    const title = run?.name ?? (config.teacher === PEBBLE ? "Pebble" : config.teacher!);
    const recording = await recordTrainingStep(
      await openEngine(),
      { title, teacher, student, dropped: [...dropped].sort((a, b) => a - b), config, row },
      reporter.note,
    );
    return recordingPage(recording, script);
  } finally {
    for (const { opened: { weights } } of opened) weights.close();
  }
}

/** Builds the page in which Pebble is pruned, healed and sampled by whoever opens it. */
export async function buildPlay(reporter: Reporter): Promise<string> {
  const script = await bundle("page/play.ts"), assets = await collectAssets(await playConfig(), reporter);
  return pageOf({
    title: "Pebble, cut and healed in your browser",
    script,
    data: [dataElement("assets", assets)],
    wasm: true,
  });
}
