import type { Inputs, Problem } from "./problem.ts";

/** A problem in a library's hands: its data is where the library computes. */
export interface Ready {
  /** Computes it so many times over and waits until all of them are done; the last result stays. */
  run(times: number): Promise<void>;
  /** The last result. */
  result(): Promise<ArrayLike<number>>;
  /** Gives memory back. */
  release(): void;
}

/** A library. */
export interface Peer {
  /** With its version. */
  readonly title: string;
  /** This engine, another library on the same adapter, or one on the processor itself: the limit of a software adapter. */
  readonly kind: "ours" | "webgpu" | "cpu";
  /** Puts a problem where it is computed. */
  prepare(problem: Problem, inputs: Inputs): Promise<Ready>;
}
