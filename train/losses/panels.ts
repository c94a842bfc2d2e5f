import { part, product, rows, slices, target, temporary, type Tensor } from "../../engine/mod.ts";

/**
 * Logits [N, V] in panels: the columns of one panel of all rows stand together, then those of the next. A panel is a dense
 * matrix [N, width], so that its products walk memory in order; row by row they would step over a whole row of V from one
 * row to the next.
 */
export interface Panels {
  /** [N, V] */
  readonly logits: Tensor;
  /** Columns of every panel but the last, which may be narrower. */
  readonly panel: number;
}

/** Columns of a panel that stay in a CPU's second cache together with the rows of the embedding that they stand for. */
const CACHED = 1024;

/** Panels of equal width, as many as one binding of the embedding covers. */
interface Run {
  readonly start: number;
  readonly width: number;
  readonly count: number;
}

/** Rows of an embedding [V, C] that one binding covers. */
function covered(embedding: Tensor): number {
  const [V, C] = embedding.shape as [number, number];
  return slices(V, C)[0]!.end;
}

/** Columns of a panel for heads over one vocabulary: few on a CPU, on a GPU as many as a binding of each embedding covers. */
export function panelWidth(embeddings: readonly Tensor[]): number {
  return Math.min(...embeddings.map(covered), target().software ? CACHED : Infinity);
}

function runs(embedding: Tensor, panel: number): Run[] {
  const V = embedding.shape[0]!, whole = Math.floor(V / panel), most = Math.floor(covered(embedding) / panel);
  const found = Array.from({ length: Math.ceil(whole / most) }, (_, i): Run => ({
    start: i * most * panel,
    width: panel,
    count: Math.min(most, whole - i * most),
  }));
  const rest = V - whole * panel;
  return rest === 0 ? found : [...found, { start: whole * panel, width: rest, count: 1 }];
}

/** The panels of a run, flat. */
function panelsOf({ logits }: Panels, { start, width, count }: Run): Tensor {
  const N = logits.shape[0]!;
  return part(logits, { start: start * N, end: (start + width * count) * N });
}

const rowsOf = (embedding: Tensor, { start, width, count }: Run): Tensor =>
  rows(embedding, start, start + width * count);

/** Z = H Eᵀ for hidden states [N, C] and the tied embedding [V, C]. */
export function panelLogits(hidden: Tensor, embedding: Tensor, panel: number): Panels {
  const [N, C] = hidden.shape as [number, number];
  const panels = { logits: temporary("logits", [N, embedding.shape[0]!]), panel };
  for (const run of runs(embedding, panels.panel)) {
    product({
      op: "logits",
      layout: "NT",
      a: hidden,
      b: rowsOf(embedding, run),
      c: panelsOf(panels, run),
      M: N,
      N: run.width,
      K: C,
      batch: run.count,
      shared: "a",
    });
  }
  return panels;
}

/** dH = dZ E, adding up over the panels. */
export function panelsIntoHidden(dLogits: Panels, embedding: Tensor, dHidden: Tensor): void {
  const [N, C] = dHidden.shape as [number, number];
  for (const { start, width, count } of runs(embedding, dLogits.panel)) {
    for (let i = 0; i < count; i++) {
      const run = { start: start + i * width, width, count: 1 };
      product({
        op: "logits.backward",
        layout: "NN",
        a: panelsOf(dLogits, run),
        b: rowsOf(embedding, run),
        c: dHidden,
        M: N,
        N: C,
        K: width,
        epilogue: run.start > 0 ? "add" : "store",
      });
    }
  }
}

/** dE = dZᵀ H, panel by panel, added to what is there where `add`. */
export function panelsIntoEmbedding(dLogits: Panels, hidden: Tensor, dEmbedding: Tensor, add: boolean): void {
  const [N, C] = hidden.shape as [number, number];
  for (const run of runs(dEmbedding, dLogits.panel)) {
    product({
      op: "logits.backward",
      layout: "TN",
      a: panelsOf(dLogits, run),
      b: hidden,
      c: rowsOf(dEmbedding, run),
      M: run.width,
      N: C,
      K: N,
      batch: run.count,
      shared: "b",
      epilogue: add ? "add" : "store",
    });
  }
}
