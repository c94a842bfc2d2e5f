import {
  accumulate,
  createTensor,
  crossEntropy,
  type Engine,
  part,
  type Prepared,
  type Program,
  record,
  reshape,
  rows as rowsOf,
  scope,
  type Target,
  type Tensor,
} from "../engine/mod.ts";
import {
  type BatchInputs,
  declareBatch,
  forward,
  type Gemma3,
  positionChunks,
  uploadPlaces,
  vocabularyLogits,
} from "../model/gemma3/mod.ts";
import type { MicroBatch } from "../train/data/mod.ts";

/** Computes the cross-entropy of every position of a batch; Programs are recorded once a shape. */
export interface Scorer {
  /** Loss in nats of each position [B T], 0 where it is not scored. */
  losses(batch: MicroBatch): Promise<Float32Array>;
  /** Gives inputs and outputs back. */
  close(): void;
}

/** The Program of a shape, and what to feed it. */
export interface TokenLosses {
  readonly program: Program;
  readonly inputs: BatchInputs;
  readonly targets: Tensor;
  readonly losses: Tensor;
}

/** Records the losses of B rows of T tokens. Logits exist for a chunk of positions at a time. */
export function recordTokenLosses(
  target: Target,
  { model, B, T }: { readonly model: Gemma3; readonly B: number; readonly T: number },
): TokenLosses {
  const inputs = declareBatch(B, T), { config, parameters } = model;
  const targets = createTensor("targets", "input", [B * T], "u32"),
    losses = createTensor("token losses", "output", [B * T]);
  const { program } = record(`token losses ${B}x${T}`, target, () => {
    const hidden = reshape(forward(model, inputs.ids, inputs), [B * T, config.hiddenSize]);
    for (const [start, end] of positionChunks(B * T, config.vocabSize)) {
      const logits = vocabularyLogits(
        rowsOf(hidden, start, end),
        parameters.embedding,
        config.finalLogitSoftcapping,
      );
      const chunk = scope("cross-entropy", () => crossEntropy(logits, rowsOf(targets, start, end)));
      accumulate(part(losses, { start, end }), chunk, false);
    }
  });
  return { program, inputs, targets, losses };
}

interface ReadyTokenLosses extends TokenLosses {
  readonly prepared: Prepared;
}

/** A scorer for a model on the device. */
export function createScorer(engine: Engine, model: Gemma3): Scorer {
  const programs = new Map<string, Promise<ReadyTokenLosses>>();

  async function create(B: number, T: number): Promise<ReadyTokenLosses> {
    const recorded = recordTokenLosses(engine.target, { model, B, T });
    const prepared = await engine.prepare(recorded.program);
    await uploadPlaces(engine, recorded.inputs);
    return { ...recorded, prepared };
  }

  return {
    async losses({ ids, targets, B, T }) {
      const key = `${B}x${T}`;
      if (!programs.has(key)) programs.set(key, create(B, T));
      const program = await programs.get(key)!;
      await engine.write(program.inputs.ids, ids);
      await engine.write(program.targets, targets);
      engine.run(program.prepared);
      return await engine.read(program.losses) as Float32Array;
    },
    close() {
      for (const created of programs.values()) {
        // A Program that could not be prepared has told so where it was asked for.
        void created.then(({ prepared, inputs, targets, losses }) => {
          engine.discard(prepared);
          engine.release([...Object.values(inputs), targets, losses].map(({ slot }) => slot));
        }, () => {});
      }
    },
  };
}
