/** Shell completion: the one file that knows @bomb.sh/tab. */
import tab from "@bomb.sh/tab/commander";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Command } from "commander";

/** Adds `completion SHELL`, which prints a script for bash, zsh, fish or powershell, once all other commands are there. */
export function addCompletion(program: CommandUnknownOpts): void {
  tab(program as unknown as Command, { completionCommandName: "completion" });
}
