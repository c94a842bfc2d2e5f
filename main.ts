/** The command line of Lapidary. */
import { processIo } from "./cli/io.ts";
import { run } from "./cli/run.ts";

if (import.meta.main) Deno.exit(await run(Deno.args, processIo()));
