import type { Drawing } from "../../svg/mod.ts";

/** A picture of a run, at any width. */
export interface Figure {
  /** Its file in `pictures/`, without ending. */
  readonly name: string;
  /** What a reader has to know to read it. */
  readonly caption: string;
  draw(width: number): Drawing;
}
