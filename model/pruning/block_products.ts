import {
  createTensor,
  type Engine,
  part,
  type Prepared,
  type Program,
  record,
  roundUp,
  type Target,
  type Tensor,
} from "../../engine/mod.ts";
import { type BatchInputs, declareBatch, forward, type Gemma3, uploadPlaces } from "../gemma3/mod.ts";
import { type ImportanceBatch, tokenRanges } from "./batch.ts";
import { PRODUCTS, recordRowProducts } from "./cosine/mod.ts";

/** For each block, (⟨x, y⟩, ⟨x, x⟩, ⟨y, y⟩) of its input x and output y at each position: L arrays [B, T, 3]. */
export type BlockProducts = Float32Array[];

/** Runs batches through a model, one at a time; hidden states stay on the device and only the products are read. */
export interface BlockProbe {
  run(batch: ImportanceBatch): Promise<BlockProducts>;
  /** Gives the memory of inputs and products back; the model stays. */
  release(): void;
}

/** The Program for one shape of batch. */
export interface BlockProductsProgram {
  readonly program: Program;
  readonly inputs: BatchInputs;
  /** [L, stride]: one block's products a row, padded so that each begins where a binding may. */
  readonly products: Tensor;
}

/** Elements between starts of bindings: 256 bytes. */
const STEP = 64;

/**
 * A probe of every block of `model`. Programs are recorded once for each shape (B, T). Pads see the real tokens before
 * them and no pad, and where they see nothing their attention is 0, as in PyTorch's scaled dot-product attention.
 */
export function openProbe(engine: Engine, model: Gemma3): BlockProbe {
  const probes = new Map<string, BlockProductsProgram & { readonly prepared: Prepared }>();

  async function probeFor(B: number, T: number) {
    const key = `${B} ${T}`, known = probes.get(key);
    if (known) return known;
    const recorded = recordBlockProducts(engine.target, { model, B, T });
    const probe = { ...recorded, prepared: await engine.prepare(recorded.program) };
    probes.set(key, probe);
    return probe;
  }

  return {
    async run(batch) {
      const { B, T } = batch, { prepared, inputs, products } = await probeFor(B, T);
      await engine.write(inputs.ids, batch.ids);
      await uploadPlaces(engine, inputs, tokenRanges(batch));
      engine.run(prepared);
      const values = await engine.read(products) as Float32Array, stride = products.shape[1]!;
      return model.config.layerTypes.map((_, layer) =>
        values.subarray(layer * stride, layer * stride + B * T * PRODUCTS)
      );
    },
    release() {
      for (const { prepared, inputs, products } of probes.values()) {
        engine.discard(prepared);
        engine.release([inputs.ids, inputs.positions, inputs.spans, products].map(({ slot }) => slot));
      }
      probes.clear();
    },
  };
}

/** Records the products of every block over B rows of T tokens. */
export function recordBlockProducts(
  target: Target,
  { model, B, T }: { readonly model: Gemma3; readonly B: number; readonly T: number },
): BlockProductsProgram {
  const inputs = declareBatch(B, T);
  const length = B * T * PRODUCTS, stride = roundUp(length, STEP);
  const products = createTensor("block products", "output", [model.config.numHiddenLayers, stride]);
  const { program } = record(`importance ${B} x ${T}`, target, () => {
    forward(model, inputs.ids, inputs, {
      block: (layer, input, block) =>
        recordRowProducts(
          input,
          block,
          part(products, { start: layer * stride, end: layer * stride + length }),
        ),
    });
  });
  return { program, inputs, products };
}
