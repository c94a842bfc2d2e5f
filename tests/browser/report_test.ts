/** report.html in Chromium: on a screen, on a phone, on paper, in light and dark. `deno task test:browser` runs it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeReport } from "../../pipeline/report/mod.ts";
import { hasChromium } from "../support/chromium.ts";
import { HOSTILE, hostileResults, writeRun } from "../support/run.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";
import { chartsOf, contrasts, foreign, unfolded, widths } from "./inspect.ts";
import { launch, type View } from "./playwright.ts";

const view = (width: number, colorScheme: View["colorScheme"], deviceScaleFactor = 1): View => ({
  viewport: { width, height: 800 },
  colorScheme,
  deviceScaleFactor,
});

const VIEWS: Readonly<Record<string, View & { readonly paper?: true }>> = {
  light: view(1000, "light"),
  dark: view(1000, "dark"),
  "phone light": view(360, "light", 2),
  "phone dark": view(360, "dark", 2),
  // A dark screen prints on white paper all the same.
  paper: { ...view(794, "dark"), paper: true },
};

const FIGURES = 7;
/** Pixels of the smallest letters that are read without effort on a phone. */
const SMALLEST = 9;

const absent = hasChromium()
  ? ""
  : ", which is absent: apt-get install chromium fonts-dejavu-core, or ./lapidary test:browser as root";

Deno.test({
  name: `report.html in Chromium${absent}`,
  ignore: absent !== "",
  async fn(t) {
    await inTemporaryDirectory(async (directory) => {
      const run = join(directory, "run"),
        pictures = Deno.env.get("LAPIDARY_SCREENSHOTS") ?? join(directory, "views");
      await writeRun(run, await hostileResults());
      await writeReport(run);
      await Deno.mkdir(pictures, { recursive: true });
      const address = pathToFileURL(join(run, "report.html")).href, browser = await launch();
      try {
        for (const [name, { paper, ...seen }] of Object.entries(VIEWS)) {
          await t.step(name, async () => {
            const context = await browser.newContext(seen), page = await context.newPage();
            const said: string[] = [], requested: string[] = [];
            page.on("console", (message) => said.push(message.text()));
            page.on("pageerror", (error) => said.push(error.message));
            page.on("request", (request) => requested.push(request.url()));
            if (paper) await page.emulateMedia({ media: "print" });
            await page.goto(address);
            const path = join(pictures, name.replace(" ", "-"));
            await page.screenshot({ path: `${path}.png`, fullPage: true });
            if (paper) await page.pdf({ path: `${path}.pdf`, format: "A4" });

            assert.deepEqual(said, []);
            assert.deepEqual(requested, [address]);
            const { page: wide, window } = await page.evaluate(widths);
            assert.ok(wide <= window, `${wide} pixels of ${window}`);

            const charts = await page.evaluate(chartsOf);
            assert.equal(charts.length, FIGURES);
            for (const { name, description, texts, smallest, faults } of charts) {
              assert.ok(name !== "" && description.length > 20, `${name}: ${description}`);
              assert.ok(texts >= 10, `${name} has ${texts} texts`);
              assert.ok(smallest >= SMALLEST, `${name} has letters of ${smallest} pixels`);
              assert.deepEqual(faults, [], name);
            }

            const { text, marks } = await page.evaluate(contrasts);
            assert.ok(text >= 4.5 && marks >= 3, `contrast of texts ${text}, of marks ${marks}`);

            const shown = await page.evaluate(foreign),
              clean = (text: string) => text.toWellFormed().replaceAll(/[^\P{Cc}\n]/gu, "\uFFFD");
            assert.deepEqual(shown, {
              title: "run: Lapidary report",
              prompt: clean(HOSTILE.prompt),
              samples: ["teacher", "pruned", "student", "control"].map((model) =>
                clean(`${model} ${HOSTILE.sample}`)
              ),
              elements: 0,
            });
            assert.equal(await page.evaluate(unfolded), paper === true);
            await context.close();
          });
        }
      } finally {
        await browser.close();
      }
    });
  },
});
