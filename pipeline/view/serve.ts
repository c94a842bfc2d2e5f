/** A page on this machine alone. */
import { UsageError } from "../../engine/mod.ts";

/**
 * Serves a page on 127.0.0.1 until the signal.
 *
 * @param port 0 for any that is free
 * @param ready hears the address once it answers
 * @throws {UsageError} where the port is taken
 */
export async function servePage(
  page: string,
  port: number,
  signal: AbortSignal,
  ready: (address: string) => void,
): Promise<void> {
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  const answer = (request: Request) =>
    new URL(request.url).pathname === "/"
      ? new Response(page, { headers })
      : new Response(null, { status: 404 });
  try {
    const server = Deno.serve({
      ...{ hostname: "127.0.0.1", port, signal },
      onListen: (address) => ready(`http://127.0.0.1:${address.port}/`),
    }, answer);
    await server.finished;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new UsageError(`Cannot serve at port ${port} as it is taken; give another --port`);
  }
}
