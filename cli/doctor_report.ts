/** What the doctor found on this machine, as data, as advice and as text. */

/** What WebGPU says of the adapter; sizes in bytes. */
export interface AdapterReport {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  /** Name of the GPU or of the software driver. */
  readonly description: string;
  /** True when the CPU plays the GPU. */
  readonly software: boolean;
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
  /** Lanes that kernels rely on; 0 where subgroups are missing or vary between pipelines. */
  readonly subgroupSize: number;
  readonly features: Readonly<Record<"timestamp-query" | "subgroups" | "shader-f16", boolean>>;
  readonly limits: Readonly<Record<typeof LIMITS[number], number>>;
}

/** Everything the doctor looks at; memory in bytes. */
export interface DoctorReport {
  readonly runtime: { readonly deno: string; readonly v8: string; readonly typescript: string };
  readonly os: { readonly name: string; readonly release: string; readonly arch: string };
  /** `avx512` is null where the processor's flags cannot be read. */
  readonly cpu: { readonly model: string; readonly cores: number; readonly avx512: boolean | null };
  readonly memory: { readonly total: number; readonly available: number };
  /** Vulkan driver manifests and, where its module is loaded, NVIDIA's kernel driver (Linux). */
  readonly drivers: readonly string[];
  readonly adapter: AdapterReport | null;
  /** What is missing or slow, and how to mend it. */
  readonly advice: readonly string[];
}

/** The limits that decide how large a tensor and a workgroup may be. */
export const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupsPerDimension",
] as const;

const NVIDIA_CONTAINER = "In a container with an NVIDIA GPU, give it the graphics capability: " +
  "NVIDIA_DRIVER_CAPABILITIES=all (or compute,utility,graphics), and install libxext6 and libegl1";

/**
 * What to do about what was found, most important first.
 *
 * @example
 * ```ts
 * import { advise } from "./doctor_report.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(advise({ os: "windows", avx512: null, drivers: [], adapter: null }), [
 *   "No WebGPU adapter answered; install the GPU's driver, which brings DirectX 12, and restart Windows",
 * ]);
 * ```
 */
export function advise(
  { os, avx512, drivers, adapter }: {
    readonly os: string;
    readonly avx512: boolean | null;
    readonly drivers: readonly string[];
    readonly adapter: Pick<AdapterReport, "software" | "description"> | null;
  },
): string[] {
  if (adapter) {
    if (!adapter.software) return [];
    const advice = ["Software Vulkan: results are right, speed is not representative"];
    if (avx512 && adapter.description.includes("256 bits")) {
      advice.push(
        "This processor has AVX-512: LP_NATIVE_VECTOR_WIDTH=512 lets Mesa use it, which is faster on some and slower " +
          "on others; compare ./lapidary bench matmul with and without it",
      );
    }
    if (drivers.some((driver) => driver.startsWith("/proc/driver/nvidia/"))) advice.push(NVIDIA_CONTAINER);
    return advice;
  }
  if (os === "darwin") {
    return [
      "No WebGPU adapter answered; Metal comes with macOS, so look for a virtual machine without a GPU",
    ];
  }
  if (os === "windows") {
    return [
      "No WebGPU adapter answered; install the GPU's driver, which brings DirectX 12, and restart Windows",
    ];
  }
  return [
    "No WebGPU adapter answered: the Vulkan loader or a driver is missing. " +
    "AMD, Intel and software rendering are in Mesa's drivers; NVIDIA brings its own",
    "Debian, Ubuntu: sudo apt install libvulkan1 mesa-vulkan-drivers",
    "Fedora: sudo dnf install vulkan-loader mesa-vulkan-drivers",
    NVIDIA_CONTAINER,
  ];
}

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
const mark = (present: boolean) => present ? "yes" : "no";

/** The report as aligned lines of `name  value`. */
export function formatReport(report: DoctorReport): string {
  const { runtime, os, cpu, memory, adapter } = report;
  const rows: [string, string][] = [
    ["runtime", `Deno ${runtime.deno}, V8 ${runtime.v8}, TypeScript ${runtime.typescript}`],
    ["system", `${os.name} ${os.release} ${os.arch}`],
    ["processor", `${cpu.model}, ${cpu.cores} cores${cpu.avx512 ? ", AVX-512" : ""}`],
    ["memory", `${gib(memory.total)}, ${gib(memory.available)} available`],
  ];
  for (const driver of report.drivers) rows.push(["driver", driver]);
  if (!adapter) {
    rows.push(["adapter", "none"]);
  } else {
    const names = [adapter.vendor, adapter.architecture, adapter.device].filter((name) => name !== "").join(
      " ",
    );
    const { subgroupMinSize, subgroupMaxSize, subgroupSize } = adapter;
    rows.push(
      ["adapter", `${adapter.description} (${names})`],
      [
        "subgroups",
        `${subgroupMinSize} to ${subgroupMaxSize} lanes; kernels rely on ${subgroupSize || "none"}`,
      ],
    );
    for (const [name, present] of Object.entries(adapter.features)) rows.push([name, mark(present)]);
    for (const [name, value] of Object.entries(adapter.limits)) {
      rows.push([name, value.toLocaleString("en-GB")]);
    }
  }
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const table = rows.map(([name, value]) => name.padEnd(width) + value);
  return [...table, "", ...(report.advice.length > 0 ? report.advice : ["Nothing is missing"])].join("\n");
}
