import { DataError, firstNotFinite } from "../../engine/mod.ts";
import { type Gemma3Config, modelTensors, type WeightDtype } from "../config/mod.ts";
import type { WeightSource } from "../files/mod.ts";

const HEAD = "lm_head.weight";
const EMBEDDING = "model.embed_tokens.weight";
/** Names listed in full in one message. */
const LISTED = 4;

/** How many layers the tensor names speak of: one more than the highest layer index. */
export function layersInFile(weights: WeightSource): number {
  const indices = weights.names().map((name) => Number(/^model\.layers\.(\d+)\./.exec(name)?.[1] ?? -1));
  return indices.reduce((most, index) => Math.max(most, index + 1), 0);
}

/**
 * Checks that the weights hold exactly the tensors of the configuration, in their shapes.
 *
 * @throws {DataError} that names what is missing, unexpected or of another shape.
 */
export function checkTensors(config: Gemma3Config, weights: WeightSource, path: string): void {
  const wanted = new Map(modelTensors(config).map(({ name, shape }) => [name, shape]));
  const held = new Set(weights.names());
  const missing = [...wanted.keys()].filter((name) => !held.has(name));
  const unexpected = [...held].filter((name) => !wanted.has(name));
  const misshapen: string[] = [];
  for (const [name, shape] of wanted) {
    if (!held.has(name)) continue;
    const found = weights.info(name).shape;
    if (found.join() !== shape.join()) {
      misshapen.push(`${name} [${found.join(", ")}] not [${shape.join(", ")}]`);
    }
  }
  const problems = [
    ...describe(missing, "missing"),
    ...describe(unexpected, "unexpected"),
    ...describe(misshapen, "of another shape"),
  ];
  if (problems.length === 0) return;
  throw new DataError(
    `Cannot use ${path}: its tensors do not fit its configuration, ${problems.join("; ")}; ` +
      `give the configuration that belongs to the weights`,
    { path },
  );
}

function describe(names: readonly string[], problem: string): string[] {
  if (names.length === 0) return [];
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return [`${names.length} ${problem}: ${names.slice(0, LISTED).join(", ")}${more}`];
}

/**
 * The weights with the output head tied to the embedding: a separate `lm_head.weight` is left out when it is the
 * embedding, value for value.
 *
 * @throws {DataError} when the head is a matrix of its own, which is not supported.
 */
export async function tieHead(
  config: Gemma3Config,
  weights: WeightSource,
  path: string,
): Promise<WeightSource> {
  const names = weights.names();
  const separate = names.includes(HEAD);
  if (!separate && config.tieWordEmbeddings) return weights;
  if (separate && names.includes(EMBEDDING) && await sameValues(weights, HEAD, EMBEDDING)) {
    return { ...weights, names: () => names.filter((name) => name !== HEAD) };
  }
  const reason = separate ? `${HEAD} differs from ${EMBEDDING}` : `tie_word_embeddings is false`;
  throw new DataError(
    `Cannot use ${path}: ${reason}, and only models whose output head is the embedding are supported; ` +
      `give a model with a tied head`,
    { path },
  );
}

async function sameValues(weights: WeightSource, first: string, second: string): Promise<boolean> {
  if (weights.info(first).shape.join() !== weights.info(second).shape.join()) return false;
  const a = await weights.readF32(first);
  const b = await weights.readF32(second);
  return a.every((value, i) => value === b[i]);
}

/** The narrowest type that holds every stored value exactly: the common one, else float32 (quantised ones too). */
export function storedDtype(weights: WeightSource): WeightDtype {
  const dtypes = new Set(weights.names().map((name) => weights.info(name).dtype));
  if (dtypes.size !== 1) return "float32";
  if (dtypes.has("BF16")) return "bfloat16";
  return dtypes.has("F16") ? "float16" : "float32";
}

/**
 * The weights, each tensor of which is looked at when it is read: safetensors and GGUF may hold NaN and infinities, and
 * nothing can be computed with them.
 *
 * @throws {DataError} from `readF32`, naming the tensor and the place of the value
 */
export function requireFinite(weights: WeightSource, path: string): WeightSource {
  return {
    ...weights,
    async readF32(name) {
      const values = await weights.readF32(name), at = firstNotFinite(values);
      if (at < 0) return values;
      throw new DataError(
        `Cannot use ${path}: tensor "${name}" holds ${
          values[at]
        } at value ${at} (from 0) of ${values.length}; ` +
          `it is damaged, fetch or export it again`,
        { path },
      );
    },
  };
}
