/** Drivers that the walk is for: the machine's own, and the software drivers that run on any Linux. */
import { fileURLToPath } from "node:url";
import { CHROMIUM, hasChromium } from "../support/chromium.ts";

/** One way to open a device; what the environment says must stand before the first adapter is asked for. */
export interface Driver {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Subgroups are switched off. */
  readonly without?: "subgroups";
  /** A Chromium that walks in Deno's place. */
  readonly browser?: string;
  /** Why the driver cannot be opened here. */
  readonly absent?: string;
}

export const SWIFTSHADER = "SwiftShader";

/** Manifests of Mesa's software driver, by the name that Debian gives them and the name that Fedora does. */
const LAVAPIPE = ["lvp_icd.x86_64.json", "lvp_icd.aarch64.json", "lvp_icd.json"]
  .map((name) => `/usr/share/vulkan/icd.d/${name}`);

const exists = (path: string): boolean => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
};

/** Opens the driver of this manifest and no other. */
const only = (manifest: string) => ({ VK_ICD_FILENAMES: manifest, VK_DRIVER_FILES: manifest });

/** Path of SwiftShader's manifest, fetched where it is not there yet, or why it cannot be had. */
async function swiftShader(): Promise<{ manifest: string } | { absent: string }> {
  if (Deno.build.os !== "linux") return { absent: "it is fetched on Linux only" };
  const { success, stdout, stderr } = await new Deno.Command("sh", {
    args: [fileURLToPath(new URL("fetch.sh", import.meta.url))],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return success ? { manifest: text(stdout) } : { absent: text(stderr) };
}

/** All drivers, absent ones too. Mesa's subgroups are as wide as the vectors it is told to use. */
export async function findDrivers(): Promise<Driver[]> {
  const lavapipe = LAVAPIPE.find(exists), swift = await swiftShader();
  const mesa = (bits: number) =>
    lavapipe
      ? { env: { ...only(lavapipe), LP_NATIVE_VECTOR_WIDTH: `${bits}` } }
      : { env: {}, absent: "mesa-vulkan-drivers is not installed" };
  const second = "manifest" in swift ? { env: only(swift.manifest) } : { env: {}, absent: swift.absent };
  return [
    { name: "the machine's own", env: {} },
    { name: "the machine's own", env: {}, without: "subgroups" },
    ...[128, 256, 512].map((bits) => ({ name: `lavapipe, ${bits} bits`, ...mesa(bits) })),
    { name: SWIFTSHADER, ...second },
    { name: SWIFTSHADER, ...second, without: "subgroups" },
    hasChromium()
      ? { name: "Chromium", env: {}, browser: CHROMIUM }
      : { name: "Chromium", env: {}, absent: `there is no ${CHROMIUM}` },
  ];
}
