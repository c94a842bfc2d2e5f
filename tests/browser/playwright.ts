import { CHROMIUM } from "../support/chromium.ts";

/** What these tests use of a page of playwright. */
export interface Page {
  goto(address: string): Promise<unknown>;
  evaluate<Result>(ask: (() => Result) | string): Promise<Awaited<Result>>;
  waitForFunction(ask: () => boolean, given?: undefined, options?: { timeout: number }): Promise<unknown>;
  addScriptTag(script: { content: string; type?: string }): Promise<unknown>;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  focus(selector: string): Promise<void>;
  textContent(selector: string): Promise<string | null>;
  inputValue(selector: string): Promise<string>;
  getAttribute(selector: string, name: string): Promise<string | null>;
  isDisabled(selector: string): Promise<boolean>;
  readonly keyboard: { press(key: string): Promise<void> };
  screenshot(options: { path: string; fullPage: boolean }): Promise<unknown>;
  pdf(options: { path: string; format: string }): Promise<unknown>;
  on(event: "console", hear: (message: { text(): string }) => void): void;
  on(event: "pageerror", hear: (error: Error) => void): void;
  on(event: "request", hear: (request: { url(): string }) => void): void;
}

/** How a page is looked at. */
export interface View {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: "light" | "dark";
  readonly deviceScaleFactor: number;
  readonly reducedMotion?: "reduce";
}

interface Context {
  newPage(): Promise<Page & { emulateMedia(options: { media: "screen" | "print" }): Promise<void> }>;
  close(): Promise<void>;
}

/** A Chromium that was started. */
export interface Browser {
  newContext(view: View): Promise<Context>;
  close(): Promise<void>;
}

/**
 * Named in strings that no tool follows and pinned in deno.lock of this folder: they weigh 18 MB, and nobody who distils a
 * model should fetch them.
 */
const PLAYWRIGHT = "npm:playwright-core@1.65.1", AXE = "npm:axe-core@4.14.1";

/** Starts Chromium; root needs it without its sandbox. @param flags further ones */
export async function launch(...flags: readonly string[]): Promise<Browser> {
  const { chromium } = await import(PLAYWRIGHT);
  return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", ...flags] });
}

/** What Chromium needs to offer WebGPU where there is no GPU: SwiftShader answers. */
export const WEBGPU = "--enable-unsafe-webgpu";

/** What a page breaks of WCAG 2.2 at levels A and AA, by axe-core: the rule, and where. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const { default: { source } } = await import(AXE);
  await page.evaluate(source);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: { runOnly: string[] }): Promise<
          { violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] }
        >;
      };
    };
    const { violations } = await axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`)
    );
  }) as string[];
}
