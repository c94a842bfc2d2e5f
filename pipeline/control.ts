import type { Config } from "../train/config/mod.ts";
import { needsTeacher } from "../train/losses/mod.ts";

/**
 * The configuration of the control: cross-entropy alone, at the weight 1, and all else as it is. What distillation gives
 * is the student's lead over it; what both win is the data's. Undefined where there is none: it is switched off, or the
 * student itself learns from cross-entropy alone.
 */
export function controlConfig(config: Config): Config | undefined {
  if (!config.train.control || !needsTeacher(config.loss)) return undefined;
  return { ...config, loss: { ...config.loss, kind: "cross_entropy", alpha: 1, beta: 0 } };
}
