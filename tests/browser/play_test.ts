/** Pebble pruned, healed and sampled in Chromium, beside the same on Deno. `deno task test:browser` runs it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openEngine } from "../../engine/mod.ts";
import { bundle } from "../../pipeline/view/bundle.ts";
import { buildPlay } from "../../pipeline/view/mod.ts";
import { hasChromium } from "../support/chromium.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";
import { widths } from "./inspect.ts";
import { type Played, playHere } from "./play_here.ts";
import { accessibilityFaults, type Browser, launch, type View, WEBGPU } from "./playwright.ts";

const STEPS = 3;
/** Relative; another driver rounds exp and tanh otherwise, and steps of AdamW carry that on. */
const TOLERANCE = 1e-4;
const LARGEST_PAGE = 4e6;

const absent = hasChromium()
  ? ""
  : ", which is absent: apt-get install chromium fonts-dejavu-core, or ./lapidary test:browser as root";

const seen = (width: number, colorScheme: View["colorScheme"]): View => ({
  viewport: { width, height: 900 },
  colorScheme,
  deviceScaleFactor: 1,
});

async function opened(browser: Browser, address: string, view: View) {
  const context = await browser.newContext(view), page = await context.newPage(), said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  await page.goto(address);
  await page.waitForFunction(() => document.documentElement.dataset.ready === "true");
  return { context, page, said };
}

const near = (a: readonly number[], b: readonly number[], what: string) => {
  assert.equal(a.length, b.length);
  a.forEach((value, i) =>
    assert.ok(Math.abs(value - b[i]!) <= TOLERANCE * Math.abs(b[i]!), `${what} ${i}: ${value} and ${b[i]}`)
  );
};

Deno.test({
  name: `Pebble is pruned, healed and sampled in Chromium${absent}`,
  ignore: absent !== "",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    await inTemporaryDirectory(async (directory) => {
      const pictures = Deno.env.get("LAPIDARY_SCREENSHOTS") ?? directory, file = join(directory, "play.html");
      const html = await buildPlay({
        note: () => {},
        update: () => {},
        signal: new AbortController().signal,
      });
      const address = pathToFileURL(file).href, browser = await launch(WEBGPU);
      await Deno.mkdir(pictures, { recursive: true });
      await Deno.writeTextFile(file, html);
      assert.ok(html.length < LARGEST_PAGE, `${html.length} bytes`);
      try {
        await t.step("with the numbers that Deno has", async () => {
          const packed = /id="assets">([^<]*)</.exec(html)![1]!, engine = await openEngine();
          const here = await playHere(engine, packed, STEPS);
          engine.close();
          const { context, page } = await opened(browser, address, seen(1000, "light"));
          await page.addScriptTag({
            content: await bundle("../../tests/browser/play_here.ts"),
            type: "module",
          });
          await page.waitForFunction(() => "playHere" in globalThis);
          const there = await page.evaluate(`playHere(${STEPS})`) as Played;
          assert.deepEqual([there.dropped, there.samples.slice(0, 2)], [
            here.dropped,
            here.samples.slice(0, 2),
          ]);
          near(there.scores, here.scores, "importance");
          assert.equal(there.losses.length, STEPS);
          here.losses.forEach((losses, step) => near(there.losses[step]!, losses, `step ${step}`));
          assert.ok(here.losses[0]![0] > 0 && here.samples.length === 3);
          await context.close();
        });

        await t.step("with a page to watch it", async () => {
          const { context, page, said } = await opened(browser, address, seen(1000, "light"));
          await page.fill("#steps", "6");
          await page.click('button:text-is("Start")');
          await page.waitForFunction(() => document.documentElement.dataset.done === "true", undefined, {
            timeout: 120_000,
          });
          assert.match(
            (await page.getAttribute(".losses", "aria-label"))!,
            /^Losses after 6 of 6 steps: cross-entropy \d/,
          );
          assert.equal(await page.evaluate(() => document.querySelectorAll(".blocks .dropped").length), 4);
          assert.equal(await page.evaluate(() => document.querySelectorAll("#samples tbody tr").length), 9);
          await page.screenshot({ path: join(pictures, "play-light.png"), fullPage: true });
          assert.deepEqual(await accessibilityFaults(page), []);
          assert.deepEqual(said, []);
          await context.close();
        });

        await t.step("stopped when asked, on a dark telephone", async () => {
          const { context, page, said } = await opened(browser, address, seen(360, "dark"));
          await page.click('button:text-is("Start")');
          await page.waitForFunction(
            () => document.querySelectorAll("#samples tbody tr").length > 0,
            undefined,
            { timeout: 60_000 },
          );
          await page.click('button:text-is("Stop")');
          await page.waitForFunction(
            () => document.querySelector(".verdict")!.textContent === "Stopped.",
            undefined,
            { timeout: 60_000 },
          );
          await page.screenshot({ path: join(pictures, "play-phone-dark.png"), fullPage: true });
          const { page: wide, window } = await page.evaluate(widths);
          assert.ok(wide <= window, `${wide} pixels of ${window}`);
          assert.deepEqual(await accessibilityFaults(page), []);
          assert.deepEqual(said, []);
          await context.close();
        });
      } finally {
        await browser.close();
      }

      await t.step("refused in place without WebGPU", async () => {
        const without = await launch();
        try {
          const { context, page } = await opened(without, address, seen(1000, "light"));
          await page.click('button:text-is("Start")');
          await page.waitForFunction(() =>
            /It cannot run here/.test(document.querySelector(".verdict")!.textContent!)
          );
          await context.close();
        } finally {
          await without.close();
        }
      });
    });
  },
});
