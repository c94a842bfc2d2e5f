import { existsSync } from "node:fs";

/** Chromium as Debian's package `chromium` has it; the launcher installs it for `test:browser` where it can. */
export const CHROMIUM = "/usr/bin/chromium";

/** Whether it is here. */
export const hasChromium = (): boolean => existsSync(CHROMIUM);
