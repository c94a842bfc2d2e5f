import { type HubSettings, HubToken } from "../../../model/hub/mod.ts";

/** Settings for a hub of the tests: little patience, and no environment. */
export function settingsFor(
  { endpoint }: { readonly endpoint: string },
  cache: string,
  { token, offline = false }: { token?: string; offline?: boolean } = {},
): HubSettings {
  return {
    endpoint,
    token: HubToken.from(token, "the test"),
    cache,
    offline,
    patience: { attempts: 3, backoff: 4, longestWait: 2000, idle: 400 },
  };
}
