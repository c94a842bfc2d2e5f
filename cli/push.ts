/** `lapidary push`: a run's student and card on the hub. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Context, Run } from "./context.ts";

/** What `push` is asked to do. */
export interface PushRequest {
  readonly run: string;
  /** OWNER/NAME */
  readonly repo: string;
  readonly private: boolean;
  /** Show what would be sent and replaced, and send nothing. */
  readonly dryRun: boolean;
  /** Replace files without asking. */
  readonly yes: boolean;
  readonly json: boolean;
}

/** Adds the command. */
export function addPush(program: CommandUnknownOpts, context: Context, run: Run<PushRequest>): void {
  program.command("push")
    .description("Upload a run's student and card to the Hugging Face hub")
    .argument("<run>", "directory of a finished run")
    .argument("<repo>", "OWNER/NAME on the hub; created where there is none")
    .option("--private", "create it as a private repository")
    .option("--dry-run", "show what would be sent and replaced, and send nothing")
    .option("--yes", "replace files that are there without asking")
    .option("--json", "write {repo, url, commit, files, ...} as JSON to standard output")
    .addHelpText(
      "after",
      `
HF_TOKEN holds a token that may write. Files that the repository has already are not sent again.

Examples:
  lapidary push runs/first me/gem --dry-run
  HF_TOKEN=hf_... lapidary push runs/first me/gem --private`,
    )
    .action(async (directory, repo, flags) => {
      const { private: isPrivate = false, dryRun = false, yes = false, json = false } = flags;
      await run({ run: directory, repo, private: isPrivate, dryRun, yes, json }, context);
    });
}
