import { join } from "node:path";
import { UsageError } from "../../engine/mod.ts";
import { isFile, listDirectory } from "../../model/files/mod.ts";
import { type Config, resolveConfig } from "../../train/config/mod.ts";
import { differingKeys, valueOf } from "../reproduce.ts";
import { RUN_FILES } from "../run_files.ts";

/** Keys that a run may be gone on with under other values: no training depends on them, or not its numbers. */
const FREE = [
  ...["dtype", "sample.prompts", "sample.max_new_tokens"],
  ...["evaluate.tasks", "evaluate.task_limit", "evaluate.task_data"],
  ...["train.checkpoint_every", "train.checkpoints_kept", "train.metrics_every"],
];

/**
 * Makes sure that a run is gone on with under the settings that it was begun with.
 *
 * @throws {UsageError} that names the first that differs, or for a directory that holds no run
 */
export async function requireSameSettings(run: string, config: Config): Promise<void> {
  const path = join(run, RUN_FILES.config);
  if (!await isFile(path)) {
    const others = (await listDirectory(run)).filter((name) =>
      name !== RUN_FILES.lock && name !== RUN_FILES.kernels
    );
    if (others.length === 0) return; // stopped before it wrote them
    throw new UsageError(
      `Cannot resume ${run}: it has no ${RUN_FILES.config}, so it holds no run of distill; check --run`,
    );
  }
  const before = await resolveConfig({ preset: path });
  const key = differingKeys(before, config).find((key) => !FREE.includes(key));
  if (key === undefined) return;
  const [was, is] = [before, config].map((each) => JSON.stringify(valueOf(each, key)));
  throw new UsageError(
    `Cannot resume ${run} with other settings: ${key} was ${was} and is ${is}; ` +
      "leave the flags away to go on as it was begun, or name a new directory with --run",
  );
}
