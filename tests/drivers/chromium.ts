/** The walk in headless Chromium: Dawn and Tint, another WebGPU and another compiler than Deno's, over SwiftShader. */
import { fileURLToPath } from "node:url";
import type { Adapter, Walked } from "./walk.ts";

const PAGE = fileURLToPath(new URL("page.ts", import.meta.url));
/** A busy machine takes minutes, most of them to compile; a browser that crashed says nothing. */
const PATIENCE = 900_000;

/** What the page needs of node:assert; everything else of Node belongs to files that the walk never touches. */
const ASSERT = `{
  ok(value, message) { if (!value) throw new Error(message); },
  equal(a, b, message) { if (!Object.is(a, b)) throw new Error(message); },
  deepEqual(a, b, message) { if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(message); },
}`;

/** The page's script: the walk and all it imports, Node's modules replaced. */
async function bundle(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: ["bundle", "--quiet", "--platform", "browser", PAGE],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout)
    .replaceAll(/^import (\w+) from "node:assert\/strict";$/gm, `const $1 = ${ASSERT};`)
    .replaceAll(
      /^import \{([^}]*)\} from "node:[\w/]+";$/gm,
      (_, names: string) =>
        names.split(",").map((name) => `const ${name.trim().split(" as ").at(-1)} = undefined;`).join(" "),
    );
}

let script: Promise<string> | undefined;

/** Runs the walk in this Chromium; answers its lines. */
export async function walkInChromium(
  chromium: string,
  flags: readonly string[],
): Promise<[Adapter, ...Walked[]]> {
  const text = await (script ??= bundle()), profile = await Deno.makeTempDir();
  const { promise, resolve, reject } = Promise.withResolvers<[Adapter, ...Walked[]]>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (request.method === "POST") {
      const lines = await request.json();
      if (lines.at(-1).failure) reject(new Error(lines.at(-1).failure));
      else resolve(lines);
      return new Response();
    }
    return new URL(request.url).pathname === "/walk.js"
      ? new Response(text, { headers: { "content-type": "text/javascript" } })
      : new Response('<script type="module" src="/walk.js"></script>', {
        headers: { "content-type": "text/html" },
      });
  });
  const browser = new Deno.Command(chromium, {
    args: [
      "--headless",
      "--no-sandbox",
      "--enable-unsafe-webgpu",
      "--use-webgpu-adapter=swiftshader",
      `--user-data-dir=${profile}`,
      `http://127.0.0.1:${server.addr.port}/?${encodeURIComponent(flags.join(" "))}`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => reject(new Error("Chromium did not answer")), PATIENCE);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    browser.kill();
    await browser.status;
    await server.shutdown();
    await removeProfile(profile);
  }
}

/** Removes what Chromium wrote: its children outlive it for a moment and may still write there. */
async function removeProfile(profile: string): Promise<void> {
  for (let tries = 50;; tries--) {
    try {
      return await Deno.remove(profile, { recursive: true });
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
