import { modelTensors } from "../../../model/config/mod.ts";
import { scheduleValues } from "../../../train/optim/mod.ts";
import { type JaxArray, loadJax } from "../jax.ts";
import { packageTitle } from "../packages.ts";
import { jaxPlaces } from "./jax_gemma.ts";
import { type JaxState, jaxStep } from "./jax_step.ts";
import type { TaskModel, TrainingTask } from "./task.ts";
import type { Trainee } from "./trainee.ts";

/** jax-js on the same adapter. */
export async function trainJax(task: TrainingTask): Promise<Trainee> {
  const jax = await loadJax(), { numpy: np, tree } = jax, { B, T, lr, optimizer } = task;
  const put = async ({ config, read }: TaskModel, change = (values: Float32Array) => values) => {
    const arrays: Record<string, JaxArray> = {};
    for (const { name, shape } of modelTensors(config)) {
      arrays[name] = np.array(change(await read(name))).reshape(shape);
    }
    return arrays;
  };
  const zeros = () => put(task.student, (values) => new Float32Array(values.length));
  let state: JaxState = {
    weights: await put(task.student),
    firstMoments: await zeros(),
    secondMoments: await zeros(),
  };
  const teacher = task.teacher ? await put(task.teacher) : {};
  const places = jaxPlaces(jax, task.student.config, T);
  const step = jaxStep(jax, { ...task, student: task.student.config, teacher: task.teacher?.config });
  const integers = (values: Uint32Array, shape: number[]) =>
    np.array(Int32Array.from(values), { dtype: np.int32 }).reshape(shape);
  await jax.blockUntilReady(tree.ref([state, teacher, places]));
  let steps = 0;
  return {
    title: packageTitle("jax"),
    kind: "webgpu",
    async step({ ids, targets }) {
      const started = performance.now();
      const { state: next, metrics } = step(state, {
        teacher: tree.ref(teacher),
        places: tree.ref(places),
        ids: integers(ids, [B, T]),
        targets: integers(targets, [B * T]),
        schedule: np.array(scheduleValues(lr, ++steps, optimizer.betas, 0)),
      });
      state = next;
      const [crossEntropy, distillation, gradientNorm] = await metrics.data() as unknown as [
        number,
        number,
        number,
      ];
      return { milliseconds: performance.now() - started, crossEntropy, distillation, gradientNorm };
    },
    close() {
      tree.dispose([state, teacher, places]);
      return Promise.resolve();
    },
  };
}
