import { fileURLToPath } from "node:url";
import { LapidaryError } from "../../../engine/mod.ts";
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
 * @param rowsAtOnce rows of a batch whose logits exist together; their gradients add up
 * @throws {LapidaryError} where the process ends by itself; what it wrote to standard error has been shown
 */
export async function trainPyTorch(
  task: TrainingTask,
  python: string,
  rowsAtOnce = task.B,
): Promise<Trainee> {
  const folder = await Deno.makeTempDir({ prefix: "lapidary-peers-" });
  const remove = () => Deno.remove(folder, { recursive: true });
  try {
    const { student, teacher, loss, optimizer, lr, B, T } = task;
    const spec = {
      student: await write(`${folder}/student`, student),
      teacher: teacher ? await write(`${folder}/teacher`, teacher) : null,
      loss,
      optimizer,
      lr,
      rows_at_once: rowsAtOnce,
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

/** Starts the script: JSON lines there and back. */
function start(python: string, spec: string) {
  const process = new Deno.Command(python, {
    args: [SCRIPT, spec],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
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
