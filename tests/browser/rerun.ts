/** Runs every dispatch of a recording that can run again, inside a page; a test puts this into it. */
import { compare } from "../../pipeline/view/page/compare.ts";
import { openRecording } from "../../pipeline/view/page/data.ts";
import { openAccess, runKernel } from "../../pipeline/view/page/device.ts";

/** A tensor that a dispatch wrote, beside what was recorded. */
export interface Rerun {
  readonly index: number;
  readonly op: string;
  readonly file: string;
  readonly tensor: string;
  readonly count: number;
  readonly equal: number;
  readonly relative: number;
  readonly fault?: string;
}

async function rerunAll(): Promise<Rerun[]> {
  const opened = await openRecording(document.getElementById("recording")!.textContent!),
    { recording } = opened;
  const access = await openAccess(recording), results: Rerun[] = [];
  if ("absent" in access) throw new Error(access.absent);
  for (const [index, dispatch] of recording.dispatches.entries()) {
    if (!dispatch.kept) continue;
    const kernel = recording.kernels[dispatch.kernel]!;
    const outcome = await runKernel(access.device, opened, dispatch, kernel, kernel.code);
    const about = { index, op: dispatch.op, file: kernel.file };
    if (outcome.kind !== "ran") {
      results.push({
        ...about,
        tensor: "",
        count: 0,
        equal: 0,
        relative: Infinity,
        fault: JSON.stringify(outcome),
      });
      continue;
    }
    for (const { tensor, values } of outcome.outputs) {
      const { count, equal, relative } = compare(values, opened.values(tensor.after!));
      results.push({ ...about, tensor: tensor.name, count, equal, relative });
    }
  }
  return results;
}

Object.assign(globalThis, { rerunAll });
