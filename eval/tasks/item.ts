/** Asks how likely a text is after another. */
export interface TextRequest {
  readonly context: string;
  readonly continuation: string;
}

/** A row as a question to a model. */
export interface Item {
  /** One for each choice, or the only one. */
  readonly requests: readonly TextRequest[];
  /** Place of the right request; left out where there is one request and nothing to choose. */
  readonly gold?: number;
  /** The right answer as the log of samples shows it. */
  readonly target: number | string;
  /** What was derived from the row, shown in the log of samples beside its columns. */
  readonly derived?: Readonly<Record<string, unknown>>;
}
