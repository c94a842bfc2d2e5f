import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { startPeers } from "../peers/start.ts";

/** Adds `bench peers`, whose flags and help are those of a process of its own. */
export function addPeers(program: CommandUnknownOpts, finish: (code: number) => void): void {
  program.command("peers")
    .description("kernels and training steps beside other libraries; fetches 500 MB of packages once")
    .argument("[arguments...]")
    .helpOption(false)
    .allowUnknownOption()
    .action(async (args) => finish(await startPeers(args)));
}
