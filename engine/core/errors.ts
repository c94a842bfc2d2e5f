/**
 * Every error a user can meet. One sentence: action, cause, current state, cure; sentence case, no final period.
 * The command line prints the message alone (a stack trace only under `--debug`) and exits with `exitCode`.
 */
export class LapidaryError extends Error {
  override name = "LapidaryError";
  /** Process exit code: 1 failure, 2 usage, 3 no adapter, 69 something missing on the machine. */
  readonly exitCode: number = 1;
}

/** A flag, key, preset or argument that cannot be used as given. */
export class UsageError extends LapidaryError {
  override name = "UsageError";
  override readonly exitCode = 2;
}

/** A file, or a row of one, that cannot be used as given; `path` (and `line`, counted from 1) say where. */
export class DataError extends LapidaryError {
  override name = "DataError";
  readonly path: string | undefined;
  readonly line: number | undefined;
  constructor(message: string, where: { path?: string; line?: number } = {}) {
    super(message);
    this.path = where.path;
    this.line = where.line;
  }
}

/** The device is missing, lost, out of memory or refused a kernel. */
export class DeviceError extends LapidaryError {
  override name = "DeviceError";
  override readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Shapes that do not fit together; a programming error of the caller, so it is a `TypeError`. */
export class ShapeError extends TypeError {
  override name = "ShapeError";
  readonly op: string;
  readonly shapes: readonly (readonly number[])[];
  constructor(op: string, message: string, shapes: readonly (readonly number[])[]) {
    super(message);
    this.op = op;
    this.shapes = shapes;
  }
}
