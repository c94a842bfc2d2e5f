/** The command line of Lapidary. */
import { processIo } from "./cli/io.ts";
import { narrowPermissions } from "./cli/permissions.ts";
import { run } from "./cli/run.ts";

if (import.meta.main) {
  await narrowPermissions(Deno.args);
  // Engines of the program know what was measured; those of tests do not, so that their bits are the same everywhere.
  const open: Parameters<typeof run>[2] = async (options, note) =>
    (await import("./pipeline/tuning/open.ts")).openTunedEngine(options, note);
  Deno.exit(await run(Deno.args, processIo(), open));
}
