import { CHROMIUM } from "../support/chromium.ts";

/** What these tests use of a page of playwright. */
export interface Page {
  goto(address: string): Promise<unknown>;
  evaluate<Result>(ask: () => Result): Promise<Result>;
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
 * Named in a string that no tool follows and pinned in deno.lock of this folder: it weighs 15 MB, and nobody who distils a
 * model should fetch it.
 */
const PLAYWRIGHT = "npm:playwright-core@1.65.1";

/** Starts Chromium; root needs it without its sandbox. */
export async function launch(): Promise<Browser> {
  const { chromium } = await import(PLAYWRIGHT);
  return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}
