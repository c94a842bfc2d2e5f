import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The program as a process of its own, with the permissions of its task in deno.json. */
export async function lapidaryProcess(
  args: readonly string[],
  env: Record<string, string> = {},
  task: "lapidary" | "push" = "lapidary",
): Promise<Deno.Command> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  // The host alone: a hub of the tests has its store of large files on another port.
  const hub = env.HF_ENDPOINT === undefined ? "huggingface.co" : new URL(env.HF_ENDPOINT).hostname;
  const permissions = (tasks[task] as string).split(" ").filter((word) => /^--(no-prompt|allow-)/.test(word))
    .map((word) => word.replace("$HUB", hub));
  return new Deno.Command("deno", {
    args: ["run", "--quiet", "--frozen", ...permissions, "main.ts", ...args],
    cwd: root,
    env: { LAPIDARY_TUNE: "off", ...env }, // tests compute the same bits on every machine
    stdout: "piped",
    stderr: "piped",
  });
}

/** Exit code and output of a process that runs to its end. */
export async function outputOf(command: Deno.Command): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}
