/** What can go wrong on the way from a hub, on purpose. */

/** A request as a hub saw it. */
export interface SeenRequest {
  /** The hub itself, or the store of large files on another port, which must never see a token. */
  readonly on: "hub" | "store";
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly range: string | null;
  readonly authorization: string | null;
  /** Bytes of the answer's body that were handed out. */
  sent: number;
}

/** How an answer is spoiled. */
export type Spoil =
  /** The connection ends after so many bytes of the body. */
  | { readonly cutAt: number }
  /** Nothing comes after so many bytes; the connection stays. */
  | { readonly stallAt: number }
  /** An answer of this status, with these headers. */
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** The whole content, however much was asked for. */
  | { readonly ignoreRange: true }
  /** Other content of this length, cleanly ended: shorter or longer than announced. */
  | { readonly length: number }
  /** One bit of the content is wrong. */
  | { readonly flip: number };

/** A fault of the hub: which requests, how often, what. */
export interface Fault {
  /** Requests that are spoiled, such as `({ on }) => on === "store"`. */
  readonly when: (request: SeenRequest) => boolean;
  /** How many of them; by default all. */
  times?: number;
  readonly spoil: Spoil;
}

/** The fault that meets a request, counted. */
export function faultOf(faults: readonly Fault[], request: SeenRequest): Spoil | undefined {
  for (const fault of faults) {
    if (fault.times === 0 || !fault.when(request)) continue;
    if (fault.times !== undefined) fault.times--;
    return fault.spoil;
  }
  return undefined;
}

/** The answer with a content, or the part of it that is asked for, spoiled or not. */
export function answerContent(
  request: SeenRequest,
  content: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  spoil: Spoil = { cutAt: Infinity },
): Response {
  const bytes = spoiled(content, spoil);
  const range = "ignoreRange" in spoil ? null : /^bytes=(\d+)-(\d*)$/.exec(request.range ?? "");
  if (range && Number(range[1]) >= bytes.length) {
    return new Response("", { status: 416, headers: { "content-range": `bytes */${bytes.length}` } });
  }
  const from = range ? Number(range[1]) : 0;
  const to = range?.[2] ? Math.min(bytes.length, Number(range[2]) + 1) : bytes.length;
  const all = {
    ...headers,
    "content-length": String(to - from),
    "accept-ranges": "bytes",
    ...range && { "content-range": `bytes ${from}-${to - 1}/${bytes.length}` },
  };
  const status = range ? 206 : 200;
  if (request.method === "HEAD") return new Response(null, { status, headers: all });
  const end = "cutAt" in spoil ? spoil.cutAt : "stallAt" in spoil ? spoil.stallAt : Infinity;
  let at = from;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = Math.min(to, at + (1 << 16), from + end);
      if (next > at) {
        controller.enqueue(bytes.slice(at, next));
        request.sent += next - at;
        at = next;
      } else if (at === to) {
        controller.close();
      } else if ("stallAt" in spoil) {
        await new Promise(() => {});
      } else {
        // What was enqueued has to leave before the connection goes.
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.error(new Error("cut on purpose"));
      }
    },
  });
  return new Response(body, { status, headers: all });
}

function spoiled(content: Uint8Array<ArrayBuffer>, spoil: Spoil): Uint8Array<ArrayBuffer> {
  if ("length" in spoil) {
    const other = new Uint8Array(spoil.length);
    other.set(content.subarray(0, spoil.length));
    return other;
  }
  if (!("flip" in spoil)) return content;
  const other = content.slice();
  other[spoil.flip >> 3]! ^= 1 << (spoil.flip & 7);
  return other;
}
