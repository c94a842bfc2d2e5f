/** The page of a recorded step in Chromium: seen, used, its kernels run again. `deno task test:browser` runs it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openEngine } from "../../engine/mod.ts";
import { bundle } from "../../pipeline/view/bundle.ts";
import { buildView, servePage } from "../../pipeline/view/mod.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { hasChromium } from "../support/chromium.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";
import { contrasts, widths } from "./inspect.ts";
import { accessibilityFaults, type Browser, launch, type Page, type View, WEBGPU } from "./playwright.ts";
import type { Rerun } from "./rerun.ts";

const LARGEST_PAGE = 6e6, LONGEST_LOAD = 15_000;
/** Of the largest value recorded: another driver's exp and sums, no more. */
const TOLERANCE = 1e-5;

const view = (width: number, colorScheme: View["colorScheme"]): View => ({
  viewport: { width, height: 900 },
  colorScheme,
  deviceScaleFactor: 1,
});
const VIEWS: Readonly<Record<string, View>> = {
  light: view(1400, "light"),
  dark: view(1400, "dark"),
  "phone light": view(360, "light"),
  "phone dark": view(360, "dark"),
};

const absent = hasChromium()
  ? ""
  : ", which is absent: apt-get install chromium fonts-dejavu-core, or ./lapidary test:browser as root";

/** The page of Pebble's step. */
async function pebblePage(): Promise<string> {
  const config = await resolveConfig({ preset: "pebble-quick", set: ["prune.drop=[3,4,8,9]"] });
  const engine = await openEngine({ subgroups: false }), reporter = { note: () => {}, update: () => {} };
  try {
    const signal = new AbortController().signal;
    return await buildView(() => Promise.resolve(engine), { run: undefined, config, tokens: 32 }, {
      ...reporter,
      signal,
    });
  } finally {
    engine.close();
  }
}

/** A page that was opened and built, and what it said and asked for. */
async function opened(browser: Browser, address: string, seen: View) {
  const context = await browser.newContext(seen), page = await context.newPage();
  const said: string[] = [], requested: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  page.on("request", (request) => requested.push(request.url()));
  await page.goto(address);
  await page.waitForFunction(
    () =>
      document.documentElement.dataset.ready === "true" &&
      document.querySelector("#detail .verdict") !== null,
    undefined,
    { timeout: LONGEST_LOAD },
  );
  return { context, page, said, requested };
}

const chosen = (page: Page) =>
  page.evaluate(() => document.querySelector("#detail .verdict b")!.textContent!);
const untilChosen = (page: Page, index: number) =>
  page.waitForFunction(
    new Function(
      `return document.querySelector("#detail .verdict b").textContent.startsWith("${index} ")`,
    ) as () => boolean,
  );
const result = async (page: Page): Promise<string> => {
  await page.waitForFunction(() =>
    /equal to the bit|does not compile|did not run|cannot run/.test(
      document.querySelector(".result")!.textContent!,
    )
  );
  return (await page.textContent(".result"))!;
};

Deno.test({
  name: `the page of a recorded step in Chromium${absent}`,
  ignore: absent !== "",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    await inTemporaryDirectory(async (directory) => {
      const pictures = Deno.env.get("LAPIDARY_SCREENSHOTS") ?? directory, file = join(directory, "view.html");
      const html = await pebblePage(), address = pathToFileURL(file).href;
      await Deno.writeTextFile(file, html);
      await Deno.mkdir(pictures, { recursive: true });
      assert.ok(html.length < LARGEST_PAGE, `${html.length} bytes`);
      const browser = await launch(WEBGPU);
      try {
        for (const [name, seen] of Object.entries(VIEWS)) {
          await t.step(name, async () => {
            const { context, page, said, requested } = await opened(browser, address, seen);
            await page.screenshot({
              path: join(pictures, `view-${name.replace(" ", "-")}.png`),
              fullPage: true,
            });
            assert.deepEqual(said, []);
            assert.deepEqual(requested, [address]);
            const { page: wide, window } = await page.evaluate(widths);
            assert.ok(wide <= window, `${wide} pixels of ${window}`);
            const { text } = await page.evaluate(contrasts);
            assert.ok(text >= 4.5, `contrast of texts ${text}`);
            assert.deepEqual(await accessibilityFaults(page), []);
            await context.close();
          });
        }

        await t.step("keys, names and the graph choose a dispatch", async () => {
          const { context, page, said } = await opened(browser, address, VIEWS.light!);
          await page.focus("#dispatch");
          await page.keyboard.press("Home");
          await untilChosen(page, 0);
          await page.keyboard.press("ArrowRight");
          await untilChosen(page, 1);
          assert.match(
            (await page.getAttribute("#dispatch", "aria-valuetext"))!,
            /^1 of \d+: rms_norm in student, block 0, attention$/,
          );
          await page.fill('input[type="search"]', "pair_loss");
          await page.keyboard.press("Enter");
          await page.waitForFunction(() =>
            /pair_loss/.test(document.querySelector("#detail .verdict b")!.textContent!)
          );
          for (const name of ["student", "block 0", "mlp"]) {
            await page.click(`#graph .box:has(b:text-is("${name}"))`);
          }
          const gates = await page.evaluate(() =>
            [...document.querySelectorAll("#graph .box b")].map(({ textContent }) => textContent!)
          );
          assert.ok(gates.includes("gated_gelu") && gates.includes("gated_gelu.backward"), gates.join());
          assert.ok(await page.evaluate(() => document.querySelectorAll("#graph .across").length) > 0);
          await page.click('#graph .box:has(b:text-is("gated_gelu"))');
          await page.waitForFunction(() =>
            /gated_gelu$/.test(document.querySelector("#detail .verdict b")!.textContent!)
          );
          assert.match((await page.textContent("#detail .formula"))!, /gelu_tanh\(gate\) up/);
          await page.focus(".listing");
          await page.keyboard.press("Home");
          await page.keyboard.press("ArrowDown");
          assert.match((await page.textContent("#detail .meanings"))!, /Line 2/);
          await page.screenshot({ path: join(pictures, "view-graph.png"), fullPage: true });
          assert.deepEqual(said, []);
          await context.close();
        });

        await t.step("a kernel runs here, is edited, and its errors stand at their line", async () => {
          const { context, page, said } = await opened(browser, address, VIEWS.light!);
          await page.waitForFunction(() => document.querySelector<HTMLButtonElement>(".run") !== null);
          await page.click(".run");
          assert.match(await result(page), /4,096 of 4,096 values equal to the bit/);
          const code = await page.inputValue("#wgsl"), name = await chosen(page);
          assert.match(name, /matmul$/);
          await page.fill("#wgsl", code.replace(/(fn main\()/, "fn broken() { let a: u32 = 1.5; }\n$1"));
          await page.click(".run");
          const fault = await result(page), line = code.slice(0, code.indexOf("fn main(")).split("\n").length;
          assert.match(fault, /does not compile: 1 error/);
          assert.match(fault, new RegExp(`Line ${line}, column`));
          await page.click(".result button");
          assert.match(
            await page.evaluate(() => {
              const { value, selectionStart, selectionEnd } = document.querySelector<HTMLTextAreaElement>(
                "#wgsl",
              )!;
              return value.slice(selectionStart, selectionEnd);
            }),
            /1\.5/,
          );
          await page.screenshot({ path: join(pictures, "view-fault.png"), fullPage: true });
          await page.fill("#wgsl", code.replaceAll("p.alpha", "(2.0 * p.alpha)"));
          assert.notEqual(await page.inputValue("#wgsl"), code);
          await page.click(".run");
          assert.match(await result(page), /the largest difference/);
          assert.deepEqual(said.filter((text) => !/1\.5/.test(text)), []); // Chromium repeats the compiler's words
          await context.close();
        });

        await t.step("every dispatch that is kept gives on another driver what was recorded", async () => {
          const { context, page } = await opened(browser, address, VIEWS.light!);
          await page.addScriptTag({ content: await bundle("../../tests/browser/rerun.ts"), type: "module" });
          await page.waitForFunction(() => "rerunAll" in globalThis);
          const reruns = await page.evaluate(() =>
            (globalThis as unknown as { rerunAll(): Promise<Rerun[]> }).rerunAll()
          ) as Rerun[];
          assert.ok(reruns.length > 200, `${reruns.length} tensors`);
          const far = reruns.filter(({ relative, count }) => !(relative <= TOLERANCE) || count === 0);
          assert.deepEqual(far, []);
          await context.close();
        });

        await t.step("the journey is stepped, played and paused; less motion is honoured", async () => {
          const { context, page, said } = await opened(browser, address, {
            ...VIEWS.light!,
            reducedMotion: "reduce",
          });
          const heading = () => page.textContent("#journey .told h3");
          assert.equal(await heading(), "1 of 38: embedding");
          await page.click('#journey button:text-is("Next")');
          assert.equal(await heading(), "2 of 38: block 0 attention");
          assert.ok(await page.evaluate(() => document.querySelector(".traveller.moves") === null));
          await page.click('#journey button:text-is("Play")');
          await page.waitForFunction(() =>
            /^4 of/.test(document.querySelector("#journey .told h3")!.textContent!)
          );
          await page.click('#journey button:text-is("Pause")');
          await page.focus('#journey input[type="range"]');
          await page.keyboard.press("Home");
          for (let i = 1; i < 19; i++) await page.keyboard.press("ArrowRight");
          assert.equal(await heading(), "19 of 38: loss");
          assert.match((await page.textContent("#journey .told"))!, /what came.*student: .*%.*teacher: .*%/s);
          await page.screenshot({ path: join(pictures, "view-journey.png"), fullPage: true });
          assert.deepEqual(said, []);
          await context.close();
        });
      } finally {
        await browser.close();
      }

      await t.step("without WebGPU the page says so in place and shows everything recorded", async () => {
        const without = await launch();
        try {
          const { context, page, said } = await opened(without, address, VIEWS.light!);
          assert.match(
            await result(page),
            /It cannot run here: .* Everything recorded is shown all the same\./,
          );
          assert.ok(await page.isDisabled(".run"));
          assert.ok(await page.evaluate(() => document.querySelectorAll("#detail canvas").length) >= 3);
          assert.deepEqual(said.filter((text) => text !== "No available adapters."), []); // Chromium says so itself
          await context.close();
        } finally {
          await without.close();
        }
      });

      await t.step("served on this machine alone, until the signal", async () => {
        const stop = new AbortController(), { promise, resolve } = Promise.withResolvers<string>();
        const served = servePage(html, 0, stop.signal, resolve), address = await promise;
        assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/$/);
        assert.equal(await (await fetch(address)).text(), html);
        const other = await fetch(`${address}other`);
        await other.body?.cancel();
        assert.equal(other.status, 404);
        stop.abort();
        await served;
      });
    });
  },
});
