/**
 * Events of the choke points: one function allocates, one uploads, one reads back, one submits, one builds pipelines.
 * Tracing, timing, memory statistics and leak tests are listeners; with none attached an event costs one `if`.
 */
export type EngineEvent =
  | { readonly kind: "allocate"; readonly label: string; readonly bytes: number }
  | { readonly kind: "free"; readonly label: string; readonly bytes: number }
  | { readonly kind: "upload"; readonly label: string; readonly bytes: number }
  | { readonly kind: "read"; readonly label: string; readonly bytes: number }
  | { readonly kind: "pipeline"; readonly file: string; readonly milliseconds: number }
  | { readonly kind: "submit"; readonly program: string; readonly dispatches: number }
  /** The host waits for the device, which was last given this work, until it answers. */
  | { readonly kind: "wait"; readonly work: string }
  | { readonly kind: "answer" };

type Listener = (event: EngineEvent) => void;
const listeners = new Set<Listener>();

/** Attaches a listener; the returned function detaches it. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells every listener. */
export function emit(event: EngineEvent): void {
  if (listeners.size > 0) { for (const listener of listeners) listener(event); }
}
