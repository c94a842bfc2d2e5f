import { nearest } from "../../engine/mod.ts";
import { HubError } from "./errors.ts";
import { IdleWatch } from "./idle.ts";
import { pageUrl, type Repo, repoName } from "./repo.ts";
import { send } from "./request.ts";
import type { HubSettings } from "./settings.ts";

/** Milliseconds that a suggestion may take, and names that it is chosen from. */
const SUGGESTION_TIME = 5000, SUGGESTION_NAMES = 500;

/**
 * The error for an answer that is not what was asked for, in terms of what the person can do. The body is cancelled.
 *
 * @param purpose as for {@linkcode send}
 */
export async function refusal(
  settings: HubSettings,
  repo: Repo,
  purpose: string,
  response: Response,
): Promise<HubError> {
  await response.body?.cancel();
  const { status, headers } = response;
  const fault = { status, passing: status === 408 || status === 429 || status >= 500 };
  const says = (text: string) => new HubError(`Cannot ${purpose}: ${text}`, fault);
  const { endpoint, token } = settings,
    page = pageUrl(endpoint, repo),
    tokens = `${endpoint}/settings/tokens`;
  const { origin, host } = new URL(response.url || endpoint);
  if (origin !== new URL(endpoint).origin && status < 500 && status !== 429) {
    // Its addresses are signed and expire; the next attempt asks the hub for a new one.
    return new HubError(
      `Cannot ${purpose}: the store of large files, ${host}, answers ${status}; run again`,
      {
        ...{ status, passing: true },
      },
    );
  }
  const code = headers.get("x-error-code"), message = headers.get("x-error-message") ?? "";
  if (code === "GatedRepo" || (status === 403 && /gated|restricted/i.test(message))) {
    return says(
      `its licence has to be accepted first; open ${page}, accept it, and set HF_TOKEN to a token of that account (${tokens})`,
    );
  }
  if (status === 401 && token && (/invalid/i.test(message) || code === null)) {
    return says(`the hub refuses the token; make a new one at ${tokens} and set HF_TOKEN to it`);
  }
  if (code === "RevisionNotFound") return says(`there is no revision "${repo.revision}"; ${page} lists them`);
  if (code === "EntryNotFound") return says(`there is no such file at ${repo.revision}; ${page} lists them`);
  if (code === "RepoNotFound" || status === 401 || status === 404) {
    const close = await suggestion(settings, repo);
    const hint = close === undefined ? "check the name" : `did you mean "${close}"?`;
    const text = `${endpoint} has no ${repo.type} of that name, or it is private or gated; ${hint}${
      close === undefined ? ", or" : " Otherwise"
    } set HF_TOKEN to a token that may read it (${tokens})`;
    return new HubError(`Cannot ${purpose}: ${text}`, { ...fault, missing: true });
  }
  if (status === 403) {
    return says(`the token may not read it; give HF_TOKEN a token with that permission (${tokens})`);
  }
  if (status === 429) {
    const hint = token ? "" : "; a token in HF_TOKEN raises the limit";
    return new HubError(`Cannot ${purpose}: too many requests were sent${hint}; run again later`, {
      ...fault,
      retryAfter: waitAsked(headers.get("retry-after")),
    });
  }
  if (status >= 500) {
    return new HubError(`Cannot ${purpose}: the hub has a fault (${status}); run again later`, {
      ...fault,
      unreachable: true,
      retryAfter: waitAsked(headers.get("retry-after")),
    });
  }
  return says(`the hub answers ${status}; check HF_ENDPOINT and the proxy`);
}

/** The error for an answer that did not come from a hub: a page of a proxy, of a login to a network. */
export function notAHub({ endpoint }: HubSettings, purpose: string): HubError {
  return new HubError(
    `Cannot ${purpose}: ${endpoint} does not answer as a hub does (a web page, or no commit and hash of the file); ` +
      "check HF_ENDPOINT, the proxy and whether this network asks for a login",
  );
}

/** Milliseconds of a Retry-After, which is a number of seconds or a date. */
function waitAsked(text: string | null): number | undefined {
  if (text === null) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : undefined;
}

/** The nearest name that the hub has, of the same owner or found by its search; undefined where it is no help. */
async function suggestion(settings: HubSettings, repo: Repo): Promise<string | undefined> {
  const [owner = "", name = owner] = repo.id.split("/");
  const ask = async (query: string): Promise<string[]> => {
    try {
      using watch = new IdleWatch(Math.min(SUGGESTION_TIME, settings.patience.idle));
      const url = `${settings.endpoint}/api/${repo.type}s?${query}&limit=${SUGGESTION_NAMES}`;
      const response = await send(settings, url, `look for ${repoName(repo)}`, { signal: watch.signal });
      const found: unknown = await response.json();
      return Array.isArray(found) ? found.flatMap(({ id }) => typeof id === "string" ? [id] : []) : [];
    } catch {
      return []; // The error that is being explained matters, not this one.
    }
  };
  const found = [
    ...await ask(`author=${encodeURIComponent(owner)}`),
    ...await ask(`search=${encodeURIComponent(name)}`),
  ].filter((id) => id !== repo.id && /^[\w./-]+$/.test(id));
  return nearest(repo.id, found);
}
