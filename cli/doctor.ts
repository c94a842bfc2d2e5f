/**
 * `lapidary doctor`: what this machine has, what it lacks and how to get it. The launcher runs this file before any
 * npm package is installed, so it imports nothing but the engine and built-in modules.
 */
import { cpus } from "node:os";
import { type AdapterReport, advise, type DoctorReport, formatReport, LIMITS } from "./doctor_report.ts";
import { type Device, DeviceError, openDevice, requestAdapter } from "../engine/mod.ts";

const VULKAN_MANIFESTS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
const NVIDIA_MODULE = "/proc/driver/nvidia/version";

/** The text of a file under /proc, which Deno opens only for programs that may do everything; null where it cannot. */
function procText(path: string): string | null {
  try {
    const { success, stdout } = new Deno.Command("cat", { args: [path], stderr: "null" }).outputSync();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch {
    return null;
  }
}

function linuxDrivers(): string[] {
  const drivers: string[] = [];
  for (const directory of VULKAN_MANIFESTS) {
    try {
      drivers.push(...Array.from(Deno.readDirSync(directory), (entry) => `${directory}/${entry.name}`));
    } catch {
      // No driver installs its manifest there.
    }
  }
  const nvidia = /^NVRM version: (.*)$/m.exec(procText(NVIDIA_MODULE) ?? "")?.[1];
  if (nvidia) drivers.push(`${NVIDIA_MODULE}: ${nvidia.replaceAll(/\s+/g, " ").trim()}`);
  return drivers.sort();
}

function describe(adapter: GPUAdapter, device: Device): AdapterReport {
  const { vendor, architecture, device: model, description, subgroupMinSize, subgroupMaxSize } = adapter.info;
  return {
    vendor,
    architecture,
    device: model,
    description,
    software: device.software,
    subgroupMinSize,
    subgroupMaxSize,
    subgroupSize: device.subgroupSize,
    features: {
      "timestamp-query": device.timestamps,
      subgroups: device.gpu.features.has("subgroups"),
      "shader-f16": adapter.features.has("shader-f16"),
    },
    limits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])) as AdapterReport["limits"],
  };
}

/** The adapter, or null where none answers. Any other failure is thrown. */
async function findAdapter(): Promise<GPUAdapter | null> {
  try {
    return await requestAdapter();
  } catch (error) {
    if (error instanceof DeviceError && error.exitCode === 3) return null;
    throw error;
  }
}

async function examine(): Promise<DoctorReport> {
  const { os, arch } = Deno.build;
  const memory = Deno.systemMemoryInfo();
  const cores = cpus();
  const avx512 = procText("/proc/cpuinfo")?.includes("avx512f") ?? null;
  const drivers = os === "linux" ? linuxDrivers() : [];
  const found = await findAdapter();
  let adapter: AdapterReport | null = null;
  if (found) {
    const device = await openDevice();
    adapter = describe(found, device);
    device.destroy();
  }
  return {
    runtime: { ...Deno.version },
    os: { name: os, release: Deno.osRelease(), arch },
    cpu: {
      model: cores[0]?.model ?? "unknown",
      cores: cores.length,
      avx512,
    },
    memory: { total: memory.total, available: memory.available },
    drivers,
    adapter,
    advice: advise({ os, avx512, drivers, adapter }),
  };
}

/** Examines the machine and prints what it found: text, or one JSON value with `json`. */
export async function doctor(options: { readonly json: boolean }): Promise<DoctorReport> {
  const report = await examine();
  console.log(options.json ? JSON.stringify(report, null, 2) : formatReport(report));
  return report;
}

if (import.meta.main) {
  try {
    // `--quiet` is the launcher's question: does an adapter answer? 3 says no, as everywhere.
    const adapter = Deno.args.includes("--quiet")
      ? await findAdapter()
      : (await doctor({ json: Deno.args.includes("--json") })).adapter;
    Deno.exit(adapter ? 0 : 3);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    console.error(error.message);
    Deno.exit(error.exitCode);
  }
}
