import type { Contestant } from "../contest.ts";
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

/** A library that computes problems. */
export interface Peer extends Contestant {
  /** Puts a problem where it is computed. */
  prepare(problem: Problem, inputs: Inputs): Promise<Ready>;
}
