import { HubError } from "./errors.ts";
import { Stalled } from "./idle.ts";
import type { HubSettings } from "./settings.ts";

/** More hops than the hub and its stores ever need. */
const MOST_REDIRECTS = 10;

/** A request to the hub or to where it redirects. */
export interface HubRequest {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Return the first redirect that leaves the endpoint in place of following it: its headers describe the file. */
  readonly stopOutside?: boolean;
}

/**
 * Sends a request and follows redirects by hand. The token goes to the endpoint's own origin alone, whatever a redirect
 * says; a redirect from https to http is refused.
 *
 * @param purpose what is being done, such as "download config.json of google/gemma-3-270m", for errors
 * @returns the answer, of any status; whoever takes it reads or cancels its body
 * @throws {HubError} where no answer comes (it may pass), redirects go round in a circle, or a host is not permitted
 */
export async function send(
  { endpoint, token }: HubSettings,
  url: string,
  purpose: string,
  { method = "GET", headers = {}, signal, stopOutside = false }: HubRequest,
): Promise<Response> {
  const home = new URL(endpoint).origin;
  const seen = new Set<string>();
  for (let current = new URL(url);;) {
    const authorization = current.origin === home && token && { Authorization: token.authorization() };
    const response = await once(current, purpose, {
      method,
      signal,
      redirect: "manual",
      headers: { ...headers, ...authorization, "Accept-Encoding": "identity", "User-Agent": "lapidary" },
    });
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    const next = URL.canParse(location, current) ? new URL(location, current) : undefined;
    if (stopOutside && next?.origin !== home) return response;
    await response.body?.cancel();
    seen.add(current.href);
    if (!next || seen.has(next.href) || seen.size > MOST_REDIRECTS) {
      throw new HubError(
        `Cannot ${purpose}: ${
          next ? "the hub redirects in a circle" : "the hub redirects to no address"
        }; check HF_ENDPOINT and the proxy`,
        { status: response.status },
      );
    }
    if (!/^https?:$/.test(next.protocol) || (current.protocol === "https:" && next.protocol !== "https:")) {
      throw new HubError(
        `Cannot ${purpose}: ${current.host} redirects to an address without encryption; check HF_ENDPOINT and the proxy`,
        { status: response.status },
      );
    }
    current = next;
  }
}

async function once(url: URL, purpose: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw connectionError(error, purpose, url.host, init.signal ?? undefined);
  }
}

/** The fault behind a rejected fetch or read; the reason of an abort by the caller passes through. */
export function connectionError(
  error: unknown,
  purpose: string,
  host: string,
  signal?: AbortSignal,
): unknown {
  if (error instanceof HubError) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return new HubError(
      `Cannot ${purpose}: this command may not reach ${host}; name it in HF_ENDPOINT if it is your hub, or use the hub's own`,
    );
  }
  const stalled = signal?.reason instanceof Stalled ? signal.reason : undefined;
  if (signal?.aborted && !stalled) return signal.reason;
  // What fetch says may hold a signed address: it is not repeated.
  const cut = error instanceof TypeError && /body/.test(error.message);
  const cause = stalled?.message ?? (cut ? "the connection was cut" : `${host} cannot be reached`);
  return new HubError(`Cannot ${purpose}: ${cause}; check the network and run again`, {
    passing: true,
    unreachable: true,
  });
}
