/** What a line of a kernel says in this dispatch: every name in it with what it stands for here. */
import type { RecordedDispatch, RecordedKernel, RecordedSlot } from "../recording.ts";
import { shapeText } from "./format.ts";

/** What WGSL's own words do, where a kernel uses them. */
const BUILTINS: Readonly<Record<string, string>> = {
  workgroupBarrier:
    "waits until all invocations of the workgroup are here and their writes to workgroup memory are seen",
  subgroupAdd: "the sum over the lanes of the subgroup, in every lane",
  subgroupMax: "the largest over the lanes of the subgroup, in every lane",
  fma: "a b + c in one operation",
  dot: "the sum of the products of the components",
  select: "select(a, b, condition): b where the condition holds, else a",
  inverseSqrt: "1 / √x",
  bitcast: "the same bits as another type",
  exp: "e to the power of x",
  log: "the natural logarithm",
  max: "the larger of two",
  min: "the smaller of two",
  workgroup_id: "which workgroup of the grid this is",
  num_workgroups: "workgroups along each axis of the grid",
  local_invocation_index: "number of this invocation within its workgroup",
  global_invocation_id: "number of this invocation within the whole grid",
  subgroup_invocation_id: "lane of this invocation within its subgroup",
};

/** A name and what it is. */
export interface Meaning {
  readonly name: string;
  readonly text: string;
}

/** Meanings of the names in a line, in the order of the line. */
export function explainLine(
  line: string,
  dispatch: RecordedDispatch,
  kernel: RecordedKernel,
  slots: readonly RecordedSlot[],
): Meaning[] {
  const code = line.replace(/\/\/.*/, "");
  // A component (`group.x`) is no name of its own; a parameter (`params.count`) is.
  const names = [...new Set(code.replace(/(?<!\b(?:params|p))\.\w+/g, "").match(/[A-Za-z_]\w*/g) ?? [])];
  const found = names.flatMap((name): Meaning[] => {
    const text = meaningOf(name, code, dispatch, kernel, slots);
    return text === undefined ? [] : [{ name, text }];
  });
  const comment = /\/\/\s*(.*)/.exec(line)?.[1];
  return comment && code.trim() !== "" ? [...found, { name: "its comment", text: comment }] : found;
}

function meaningOf(
  name: string,
  code: string,
  { tensors, params, grid }: RecordedDispatch,
  kernel: RecordedKernel,
  slots: readonly RecordedSlot[],
): string | undefined {
  const tensor = tensors.find((each) => each.name === name);
  if (tensor) {
    return `${slots[tensor.slot]!.name} ${shapeText(tensor.shape)} ${tensor.dtype}, ${
      tensor.write ? "written" : "read"
    }`;
  }
  if (
    new RegExp(`\\b(params|p)\\.${name}\\b|\\b${name}: (u32|f32)`).test(code) && params[name] !== undefined
  ) {
    return `${params[name]}, a parameter of this dispatch`;
  }
  if (name in kernel.knobs) return `${kernel.knobs[name]}, a knob set for this dispatch`;
  const constant = new RegExp(`^(?:const|alias) ${name} = ([^;]+);`, "m").exec(kernel.code)?.[1];
  if (constant !== undefined) return `${constant}, as the file gives it`;
  if (name === "workgroup_size") {
    return `invocations of a workgroup; the grid has ${grid.join(" x ")} = ${
      grid[0] * grid[1] * grid[2]
    } workgroups`;
  }
  const local = new RegExp(
    `^\\s*(?:let|var(?:<\\w+>)?) ${name}\\b[^=;]*(?:= ([^;]+))?;.*?(?://\\s*(.*))?$`,
    "m",
  ).exec(kernel.code);
  if (local && !new RegExp(`(?:let|var(?:<\\w+>)?) ${name}\\b`).test(code)) {
    return [local[1] ?? "declared above", local[2]].filter(Boolean).join("; ");
  }
  return Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
}
