/** The lessons, in order. */
import { lesson as tensor } from "./01_tensor.ts";
import { lesson as kernel } from "./02_kernel.ts";
import { lesson as ladder } from "./03_ladder.ts";
import { lesson as backward } from "./04_backward.ts";
import { lesson as rmsNorm } from "./05_rms_norm.ts";
import { lesson as attention } from "./06_attention.ts";
import { lesson as vocabulary } from "./07_vocabulary.ts";
import { lesson as zeroGradient } from "./08_zero_gradient.ts";
import { lesson as adamw } from "./09_adamw.ts";
import { lesson as residualStream } from "./10_residual_stream.ts";
import { lesson as few } from "./11_n_is_5.ts";
import type { Lesson } from "./lesson.ts";

/** A lesson with its file. */
export interface Listed extends Lesson {
  readonly file: string;
}

export const LESSONS: readonly Listed[] = [
  { file: "01_tensor.ts", ...tensor },
  { file: "02_kernel.ts", ...kernel },
  { file: "03_ladder.ts", ...ladder },
  { file: "04_backward.ts", ...backward },
  { file: "05_rms_norm.ts", ...rmsNorm },
  { file: "06_attention.ts", ...attention },
  { file: "07_vocabulary.ts", ...vocabulary },
  { file: "08_zero_gradient.ts", ...zeroGradient },
  { file: "09_adamw.ts", ...adamw },
  { file: "10_residual_stream.ts", ...residualStream },
  { file: "11_n_is_5.ts", ...few },
];

/** The page of prose on top of a lesson's file. */
export async function proseOf({ file }: Listed): Promise<string> {
  const text = await Deno.readTextFile(new URL(file, import.meta.url));
  const [, comment] = /^\/\*\*\n([^]*?)\n \*\//.exec(text)!;
  return comment!.replace(/^ \* ?/gm, "");
}
