import { openEngine } from "../../../engine/mod.ts";
import { loadGemma3 } from "../../../model/gemma3/mod.ts";
import { createTrainer } from "../../../train/trainer.ts";
import type { TaskModel, TrainingTask } from "./task.ts";
import type { Trainee } from "./trainee.ts";

/** This engine's trainer, as `train` and `distill` use it but for a wait after every step. */
export async function trainOurs(task: TrainingTask): Promise<Trainee> {
  const engine = await openEngine(), { B, T, loss, optimizer, lr } = task;
  const load = ({ config, read }: TaskModel, label: "student" | "teacher") =>
    loadGemma3(engine, config, read, { label, positions: T, differentiable: label === "student" });
  const student = await load(task.student, "student"),
    teacher = task.teacher && await load(task.teacher, "teacher");
  const trainer = createTrainer({
    engine,
    student,
    teacher,
    loss,
    optimizer,
    normalize: "step",
    metricsEvery: 1,
  });
  return {
    title: "this engine",
    kind: "ours",
    async step({ ids, targets }) {
      const started = performance.now();
      await trainer.step([{ ids, targets, tokens: B * T, lengths: new Uint32Array(B).fill(T), B, T }], lr);
      const [metrics] = await trainer.rest();
      return { ...metrics!, milliseconds: performance.now() - started };
    },
    async close() {
      await trainer.close();
      engine.close();
    },
  };
}
