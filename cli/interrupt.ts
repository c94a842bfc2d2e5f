/** Ctrl-C and SIGTERM. */
import { LapidaryError } from "../engine/mod.ts";
import { removeUnfinished } from "../model/files/mod.ts";

/** Thrown where a command stops because it was asked to. */
export class InterruptedError extends LapidaryError {
  override name = "InterruptedError";
  override readonly exitCode: number;
  constructor(signal: "SIGINT" | "SIGTERM") {
    super("Interrupted; nothing was left half written");
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/** Watches for interrupts until disposed of. */
export interface Interrupts extends Disposable {
  /** Aborted with an `InterruptedError` as reason at the first interrupt; the second ends the process. */
  readonly signal: AbortSignal;
}

/** Begins to watch. `announce` is called at the first interrupt, while the command comes to an end. */
export function watchInterrupts(announce: () => void): Interrupts {
  const controller = new AbortController();
  const signals = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const;
  const handlers = signals.map((name) => {
    const handler = () => {
      const error = new InterruptedError(name);
      if (controller.signal.aborted) {
        removeUnfinished();
        Deno.exit(error.exitCode);
      }
      announce();
      controller.abort(error);
    };
    Deno.addSignalListener(name, handler);
    return { name, handler };
  });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => handlers.forEach(({ name, handler }) => Deno.removeSignalListener(name, handler)),
  };
}
