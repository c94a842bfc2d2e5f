/** `deno task bench`: kernels and training steps against what the adapter can do. */
import { CommanderError } from "@commander-js/extra-typings";
import { LapidaryError } from "../engine/mod.ts";
import { OK, type Streams, USAGE } from "./commands/options.ts";
import { createProgram } from "./commands/program.ts";

/** Runs the command that the arguments name. @returns the exit code; each command's help says what it means */
export async function runBench(args: readonly string[], streams: Streams): Promise<number> {
  let code = OK;
  try {
    const program = createProgram(streams, (finished) => code = finished);
    await program.parseAsync(args.length === 0 ? ["all"] : [...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USAGE;
    if (!(error instanceof LapidaryError)) throw error;
    streams.stderr(`error: ${error.message}\n`);
    return error.exitCode;
  }
}

if (import.meta.main) {
  const write = (stream: { writeSync(bytes: Uint8Array): number }) => (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  };
  Deno.exit(await runBench(Deno.args, { stdout: write(Deno.stdout), stderr: write(Deno.stderr) }));
}
