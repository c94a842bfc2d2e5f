import { fileURLToPath } from "node:url";
import { LapidaryError, UsageError } from "../../../engine/mod.ts";
import { modelTensors } from "../../../model/config/mod.ts";
import { savePretrained } from "../../../model/weights/mod.ts";
import type { TaskModel, TrainingTask } from "./task.ts";
import type { Outcome, Trainee } from "./trainee.ts";

const SCRIPT = fileURLToPath(new URL("pytorch_step.py", import.meta.url));

/**
 * PyTorch and transformers on the processor, with as many threads as it has cores, in a process of its own that works
 * only while it has the turn.
 *
 * @param python interpreter that has torch and transformers
 * @throws {UsageError} where there is no such interpreter, {LapidaryError} where the process ends by itself; what it wrote to standard error has been shown
 */
export async function trainPyTorch(task: TrainingTask, python: string): Promise<Trainee> {
  const folder = await Deno.makeTempDir({ prefix: "lapidary-peers-" });
  const remove = () => Deno.remove(folder, { recursive: true });
  try {
    const { student, teacher, loss, optimizer, lr, B, T, large } = task;
    const spec = {
      student: await write(`${folder}/student`, student),
      teacher: teacher ? await write(`${folder}/teacher`, teacher) : null,
      loss,
      optimizer,
      lr,
      rows_at_once: large ? 1 : B,
    };
    await Deno.writeTextFile(`${folder}/spec.json`, JSON.stringify(spec));
    const talk = start(python, `${folder}/spec.json`), { torch } = await talk.hear<{ torch: string }>();
    await remove(); // the models are in its memory
    const rows = (values: Uint32Array) =>
      Array.from({ length: B }, (_, b) => [...values.subarray(b * T, (b + 1) * T)]);
    return {
      title: `PyTorch ${torch.split("+")[0]}`,
      kind: "cpu",
      async step({ ids, targets }) {
        await talk.say({ ids: rows(ids), targets: rows(targets) });
        return await talk.hear<Outcome>();
      },
      close: talk.end,
    };
  } catch (error) {
    await remove().catch(() => {});
    throw error;
  }
}

/** Writes a model as a directory that transformers loads. @returns its path */
async function write(directory: string, { config, read }: TaskModel): Promise<string> {
  const tensors = modelTensors(config).map(({ name, shape }) => ({ name, shape, read: () => read(name) }));
  await savePretrained(directory, { config, tensors, dtype: "float32" });
  return directory;
}

function spawn(python: string, spec: string) {
  try {
    const options = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    return new Deno.Command(python, { args: [SCRIPT, spec], ...options }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      `Cannot start ${python} as there is no such program; give --pytorch a Python that has torch and transformers`,
    );
  }
}

/** Starts the script: JSON lines there and back. */
function start(python: string, spec: string) {
  const process = spawn(python, spec);
  const input = process.stdin.getWriter(),
    output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  return {
    say: (message: object) => input.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`)),
    async hear<T>(): Promise<T> {
      while (!heard.includes("\n")) {
        const { value, done } = await output.read();
        if (done) {
          const { code } = await process.status;
          throw new LapidaryError(
            `Cannot go on as ${python} ended with exit code ${code}; it must have torch and transformers: ` +
              "tests/golden/requirements.txt names versions",
          );
        }
        heard += value;
      }
      const end = heard.indexOf("\n"), line = heard.slice(0, end);
      heard = heard.slice(end + 1);
      return JSON.parse(line);
    },
    async end() {
      await input.close();
      await process.status;
    },
  };
}
