/** Nothing came for too long. */
export class Stalled extends Error {}

/** A signal that aborts when nothing has happened for a while, or when another signal does. */
export class IdleWatch implements Disposable {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #follow = () => this.#controller.abort(this.#outer!.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param idle milliseconds */
  constructor(private readonly idle: number, outer?: AbortSignal) {
    this.#outer = outer;
    if (outer?.aborted) this.#follow();
    outer?.addEventListener("abort", this.#follow, { once: true });
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something happened: the time begins again. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#controller.abort(new Stalled(`nothing came for ${this.idle / 1000} s`)),
      this.idle,
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#follow);
  }
}
