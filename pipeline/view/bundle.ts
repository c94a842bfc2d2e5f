/** The page's modules as one script, by `deno bundle`. */
import { fileURLToPath } from "node:url";
import { LapidaryError } from "../../engine/mod.ts";

/**
 * Bundles a module with all that it imports. The first time Deno fetches its bundler, esbuild, from npm.
 *
 * @param module file below this folder
 * @throws {LapidaryError} where Deno cannot bundle, with what it says
 */
export async function bundle(module: string): Promise<string> {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: ["bundle", "--quiet", "--config", config, "--platform", "browser", "--minify", path],
    env: { NO_COLOR: "1" },
  }).output();
  if (success) return withoutNode(new TextDecoder().decode(stdout));
  throw new LapidaryError(
    `Cannot build the page as Deno's bundler failed: ${new TextDecoder().decode(stderr).trim()}; ` +
      "it is fetched from npm the first time, which needs the network",
  );
}

/**
 * Replaces what modules import of Node. It belongs to files, which nothing reads in a page: functions that say so where
 * something would. An address of a file beside a module stays an address.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { withoutNode } from "./bundle.ts";
 * const script = withoutNode('import{join as a,sep}from"node:path";import { fileURLToPath } from "node:url";');
 * assert.equal(script, 'const a=()=>{throw new Error("A page has no node:path")};' +
 *   'const sep=()=>{throw new Error("A page has no node:path")};const fileURLToPath=String;');
 * ```
 */
export function withoutNode(script: string): string {
  return script.replaceAll(
    /import\s*\{([^}]*)\}\s*from\s*"(node:[\w/]+)";?/g,
    (_, names: string, module: string) =>
      names.split(",").map((each) => {
        const [name, as = name] = each.trim().split(/\s+as\s+/);
        const value = name === "fileURLToPath"
          ? "String"
          : `()=>{throw new Error("A page has no ${module}")}`;
        return `const ${as}=${value};`;
      }).join(""),
  );
}
