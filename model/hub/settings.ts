import { join } from "node:path";
import { UsageError } from "../../engine/mod.ts";
import { isFile, readText } from "../files/mod.ts";
import { HubToken } from "./token.ts";

/** How long faults that may pass are borne. */
export interface Patience {
  /** Requests in a row that may fail without a new byte, at least 1. */
  readonly attempts: number;
  /** Milliseconds before the second request; doubled each time, then drawn between half and all of it. */
  readonly backoff: number;
  /** Longest wait that is accepted, also from a Retry-After, in milliseconds. */
  readonly longestWait: number;
  /** Milliseconds without a byte after which a connection counts as stalled. */
  readonly idle: number;
}

/** Six requests over about 30 s; a connection may be silent for 30 s, and the hub may ask for 5 minutes. */
export const PATIENCE: Patience = { attempts: 6, backoff: 1000, longestWait: 300_000, idle: 30_000 };

/** Where the hub is and how it is spoken to. */
export interface HubSettings {
  /** Such as "https://huggingface.co"; no slash at the end. */
  readonly endpoint: string;
  readonly token: HubToken | undefined;
  /** Directory of the hub's cache, which holds `models--OWNER--NAME` directories. */
  readonly cache: string;
  /** Take everything from the cache, send nothing. */
  readonly offline: boolean;
  readonly patience: Patience;
}

/** Variables that are read, for the permissions of a command. */
export const HUB_VARIABLES = [
  "HF_ENDPOINT",
  "HF_TOKEN",
  "HF_TOKEN_PATH",
  "HF_HOME",
  "HF_HUB_CACHE",
  "HF_HUB_OFFLINE",
  "XDG_CACHE_HOME",
  "HOME",
] as const;

/**
 * Settings from the environment, read as `huggingface_hub` reads it: HF_TOKEN goes before the file that
 * `hf auth login` writes; HF_HUB_CACHE before HF_HOME/hub before XDG_CACHE_HOME/huggingface/hub.
 *
 * @param variable value of an environment variable
 * @throws {UsageError} for an endpoint that is no http(s) address, a token that cannot be one, no home directory
 */
export async function hubSettings(
  variable: (name: typeof HUB_VARIABLES[number]) => string | undefined = (name) => Deno.env.get(name),
): Promise<HubSettings> {
  const expand = (path: string) => {
    const expanded = path.replace(/^~(?=\/|$)|\$HOME\b|\$\{HOME\}/g, () => variable("HOME") ?? "~");
    if (!expanded.startsWith("~")) return expanded;
    throw new UsageError("Cannot find the hub's cache as HOME is not set; set HF_HOME to a directory");
  };
  const hfHome = expand(variable("HF_HOME") || join(variable("XDG_CACHE_HOME") || "~/.cache", "huggingface"));
  const tokenPath = expand(variable("HF_TOKEN_PATH") || join(hfHome, "token"));
  return {
    endpoint: parseEndpoint(variable("HF_ENDPOINT") || "https://huggingface.co"),
    token: HubToken.from(variable("HF_TOKEN"), "HF_TOKEN") ??
      HubToken.from(await isFile(tokenPath) ? await readText(tokenPath) : undefined, tokenPath),
    cache: expand(variable("HF_HUB_CACHE") || join(hfHome, "hub")),
    offline: /^(1|on|yes|true)$/i.test(variable("HF_HUB_OFFLINE") ?? ""),
    patience: PATIENCE,
  };
}

function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (url && isWeb && url.username === "" && url.password === "") return text.trim().replace(/\/+$/, "");
  throw new UsageError(
    "Cannot use HF_ENDPOINT as it is no address of a hub; give one without user and password, such as https://huggingface.co",
  );
}
