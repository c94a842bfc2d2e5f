/** What an explanation is made of: plain data, for a terminal and for a page. */
import type { Dispatch } from "../../engine/mod.ts";

/** What the definition in f64 says of a result, given the inputs that the device had. */
export interface Compared {
  /** Largest |device - f64| over what was compared, and the largest |value| there. */
  readonly difference: number;
  readonly largest: number;
  readonly count: number;
}

/** What one op has to say of the token. */
export interface Told {
  readonly formula: string;
  /** The sum written out once by hand, line by line. */
  readonly hand: readonly string[];
  readonly reference?: Compared | undefined;
}

/** One dispatch on the token's way. */
export interface Stop extends Told {
  /** Place in the Program. */
  readonly dispatch: number;
  readonly op: string;
  readonly scope: string;
  /** What is read and written, with shapes and the names of parameters. */
  readonly shapes: string;
  /** `ops/rope/rope.wgsl:30`: the line that writes the result. */
  readonly source: string;
  /** Bytes that the whole dispatch reads and writes. */
  readonly bytes: number;
  readonly flops: number;
  /** First values of what it wrote at the token. */
  readonly values: readonly { readonly name: string; readonly first: readonly number[] }[];
}

/** What the stream is after a block, at the token: and how much of it goes back. */
export interface StreamStep {
  readonly block: number;
  /** Root of the mean square of the stream after the block. */
  readonly rms: number;
  /** Cosine between what went in and what came out. */
  readonly cosine: number;
  /** Root of the mean square of the gradient of what went in; undefined without `--backward`. */
  readonly gradientRms: number | undefined;
}

/** A token's way through a model, and with `backward` through a training step. */
export interface Explanation {
  readonly model: string;
  readonly tokens: readonly { readonly id: number; readonly piece: string }[];
  readonly token: number;
  readonly layer: number;
  /** Blocks of the model that the student goes without; undefined where nothing is trained. */
  readonly dropped: readonly number[] | undefined;
  readonly stream: readonly StreamStep[];
  readonly stops: readonly Stop[];
}

/** A dispatch with what stood in memory around it: the token's part of activations, weights whole. */
export interface Seen {
  readonly index: number;
  readonly dispatch: Dispatch;
  /** By name of the binding: after the dispatch. */
  readonly values: Readonly<Record<string, Float64Array>>;
  /** What it wrote over. */
  readonly before: Readonly<Record<string, Float64Array>>;
  /** Parameters that it reads. */
  readonly weights: Readonly<Record<string, Float64Array>>;
}

/** What explainers know beside the dispatch. */
export interface About {
  readonly T: number;
  readonly token: number;
  readonly ids: Uint32Array;
  /** Gemma 2's soft cap of logits, or null. */
  readonly cap: number | null;
  /** Of the norms. */
  readonly eps: number;
  readonly piece: (id: number) => string;
  /** Rows of the embedding of the model that is explained. */
  readonly embeddingRow: (id: number) => Float64Array | undefined;
}
