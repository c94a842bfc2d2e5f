/** `lapidary doctor` as a command; what it does is in doctor.ts, which the launcher also runs alone. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { DeviceError } from "../engine/mod.ts";
import type { Context } from "./context.ts";

/** Adds the command. */
export function addDoctor(program: CommandUnknownOpts, _context: Context): void {
  program.command("doctor")
    .description("What this machine has, what it lacks and how to get it")
    .option("--json", "write the report as one JSON value to standard output")
    .action(async ({ json = false }) => {
      const { doctor } = await import("./doctor.ts");
      const { adapter } = await doctor({ json });
      if (adapter === null) throw new DeviceError("No adapter answers; the report says how to get one", 3);
    });
}
