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
  if (success) return new TextDecoder().decode(stdout);
  throw new LapidaryError(
    `Cannot build the page as Deno's bundler failed: ${new TextDecoder().decode(stderr).trim()}; ` +
      "it is fetched from npm the first time, which needs the network",
  );
}
