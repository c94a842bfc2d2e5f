import assert from "node:assert/strict";
import { advise, type DoctorReport, formatReport } from "../../cli/doctor_report.ts";

const ROOT = new URL("../../", import.meta.url);
const onLinux = { ignore: Deno.build.os !== "linux" };

const SOFTWARE = { software: true, description: "llvmpipe (LLVM 15.0.6, 256 bits)" };
const SLOW = "Software Vulkan: results are right, speed is not representative";
const CONTAINER = "In a container with an NVIDIA GPU, give it the graphics capability: " +
  "NVIDIA_DRIVER_CAPABILITIES=all (or compute,utility,graphics), and install libxext6 and libegl1";

async function runDoctor(args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: ["task", "--quiet", "doctor", ...args],
    cwd: ROOT,
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("a hardware adapter needs no advice", () => {
  const adapter = { software: false, description: "Some GPU" };
  assert.deepEqual(advise({ os: "linux", avx512: true, drivers: [], adapter }), []);
});

Deno.test("a software adapter is slow, and what would make it faster is named", () => {
  const drivers = ["/proc/driver/nvidia/version: NVIDIA UNIX x86_64 Kernel Module 570.86.15"];
  assert.deepEqual(advise({ os: "linux", avx512: null, drivers: [], adapter: SOFTWARE }), [SLOW]);
  assert.deepEqual(advise({ os: "linux", avx512: true, drivers, adapter: SOFTWARE }), [
    SLOW,
    "This processor has AVX-512: LP_NATIVE_VECTOR_WIDTH=512 lets Mesa use it, which is faster on some and slower " +
    "on others; compare ./lapidary bench matmul with and without it",
    CONTAINER,
  ]);
});

Deno.test("without an adapter each system gets its own advice", () => {
  const nothing = { avx512: null, drivers: [], adapter: null };
  assert.deepEqual(advise({ os: "linux", ...nothing }), [
    "No WebGPU adapter answered: the Vulkan loader or a driver is missing. " +
    "AMD, Intel and software rendering are in Mesa's drivers; NVIDIA brings its own",
    "Debian, Ubuntu: sudo apt install libvulkan1 mesa-vulkan-drivers",
    "Fedora: sudo dnf install vulkan-loader mesa-vulkan-drivers",
    CONTAINER,
  ]);
  assert.deepEqual(advise({ os: "darwin", ...nothing }), [
    "No WebGPU adapter answered; Metal comes with macOS, so look for a virtual machine without a GPU",
  ]);
});

Deno.test("the report is one aligned line a fact, advice last", () => {
  const report: DoctorReport = {
    runtime: { deno: "2.9.6", v8: "15.0", typescript: "6.0.3" },
    os: { name: "linux", release: "6.1", arch: "x86_64" },
    cpu: { model: "Some CPU", cores: 2, avx512: true },
    memory: { total: 2 ** 34, available: 3 * 2 ** 32 },
    drivers: ["/usr/share/vulkan/icd.d/some.json"],
    adapter: null,
    advice: ["Install a driver"],
  };
  assert.equal(
    formatReport(report),
    `runtime    Deno 2.9.6, V8 15.0, TypeScript 6.0.3
system     linux 6.1 x86_64
processor  Some CPU, 2 cores, AVX-512
memory     16.00 GiB, 12.00 GiB available
driver     /usr/share/vulkan/icd.d/some.json
adapter    none

Install a driver`,
  );
});

Deno.test("the doctor describes this machine's adapter as JSON", async () => {
  const { code, stdout, stderr } = await runDoctor(["--json"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const { adapter, runtime, memory, cpu }: DoctorReport = JSON.parse(stdout);
  assert.equal(runtime.deno, Deno.version.deno);
  assert.ok(memory.available > 0 && memory.available <= memory.total);
  assert.ok(cpu.cores >= 1);
  assert.ok(adapter);
  // What WebGPU promises on every adapter.
  assert.ok(adapter.limits.maxBufferSize >= 2 ** 28);
  assert.ok(adapter.limits.maxStorageBufferBindingSize >= 2 ** 27);
  assert.ok(adapter.limits.maxComputeInvocationsPerWorkgroup >= 256);
});

Deno.test("without a driver the doctor exits 3 and says so", onLinux, async () => {
  const nowhere = "/nonexistent/driver.json";
  const env = { VK_ICD_FILENAMES: nowhere, VK_DRIVER_FILES: nowhere, DENO_WEBGPU_BACKEND: "vulkan" };
  assert.deepEqual(await runDoctor(["--quiet"], env), { code: 3, stdout: "", stderr: "" });
  const { code, stdout } = await runDoctor([], env);
  assert.equal(code, 3);
  assert.match(stdout, /\nadapter {4}none\n\nNo WebGPU adapter answered: /);
});
