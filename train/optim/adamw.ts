import {
  dispatch,
  flatSlices,
  foldedGrid,
  kernel,
  part,
  scope,
  sumColumns,
  sumParts,
  temporary,
  type Tensor,
} from "../../engine/mod.ts";
import adamwSource from "./adamw.wgsl" with { type: "text" };
import clipSource from "./clip.wgsl" with { type: "text" };

/** Numbers of AdamW that stay through a run. */
export interface AdamWConfig {
  readonly betas: readonly [number, number];
  readonly eps: number;
}

/** One stretch of memory to update; all tensors flat and of one length. */
export interface Group {
  readonly parameters: Tensor;
  readonly gradients: Tensor;
  readonly firstMoments: Tensor;
  readonly secondMoments: Tensor;
  readonly weightDecay: number;
}

/**
 * Global L2 norm of the gradients and the factor that clips it.
 *
 * @param limit largest norm; Infinity measures without clipping
 * @returns [2]: norm before clipping, factor to multiply gradients by
 */
export function clipFactor(gradients: readonly Tensor[], limit: number): Tensor {
  return scope("clip", () => {
    const squares = temporary("squares", [1]), state = temporary("clip", [2]);
    sumColumns(sumParts(gradients, true), squares, false);
    dispatch({
      op: "clip",
      kernel: kernel("train/optim/clip.wgsl", clipSource),
      tensors: { squares, state },
      params: { limit: Number.isFinite(limit) ? limit : 3e38 },
      grid: [1, 1, 1],
      flops: 3,
    });
    return state;
  });
}

/** Records one AdamW update of all groups. @param schedule [4], see {@link scheduleValues} */
export function adamw(
  groups: readonly Group[],
  clip: Tensor,
  schedule: Tensor,
  { betas, eps }: AdamWConfig,
): void {
  scope("adamw", () => {
    for (const group of groups) {
      for (const slice of flatSlices(group.parameters)) {
        const length = slice.end - slice.start, vec4 = length % 4 === 0, count = vec4 ? length / 4 : length;
        dispatch({
          op: "adamw",
          kernel: kernel("train/optim/adamw.wgsl", adamwSource, { elem: vec4 ? "vec4f" : "f32" }),
          tensors: {
            p: part(group.parameters, slice),
            m: part(group.firstMoments, slice),
            v: part(group.secondMoments, slice),
            gradient: part(group.gradients, slice),
            clip,
            schedule,
          },
          params: {
            count,
            beta1: betas[0],
            rest1: 1 - betas[0],
            beta2: betas[1],
            rest2: 1 - betas[1],
            eps,
            decay: group.weightDecay,
          },
          grid: foldedGrid(Math.ceil(count / 64)),
          flops: 14 * length,
        });
      }
    }
  });
}

/**
 * What changes from step to step: learning rate and bias corrections, computed in f64, and where the metrics go.
 *
 * @param step counted from 1
 * @param row of the history that the step's metrics go to
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { scheduleValues } from "./adamw.ts";
 * assert.deepEqual([...scheduleValues(0.5, 1, [0.5, 0.75], 3)], [0.5, 1, 0.5, 3]);
 * ```
 */
export function scheduleValues(
  lr: number,
  step: number,
  [beta1, beta2]: readonly [number, number],
  row = 0,
): Float32Array {
  return Float32Array.of(lr, lr / (1 - beta1 ** step), Math.sqrt(1 - beta2 ** step), row);
}
