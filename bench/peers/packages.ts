/**
 * The libraries that are measured beside this engine, pinned here and in deno.lock of this folder. They are named in
 * strings that no tool follows: they weigh 500 MB, and nobody who distils a model or runs the tests should fetch them.
 */
const PACKAGES = {
  jax: "npm:@jax-js/jax@0.1.25",
  tfjs: "npm:@tensorflow/tfjs-core@4.22.0",
  tfjsWebGpu: "npm:@tensorflow/tfjs-backend-webgpu@4.22.0",
  onnxWeb: "npm:onnxruntime-web@1.30.0/webgpu",
  onnxNode: "npm:onnxruntime-node@1.30.0",
} as const;

/** Which package, by its name here. */
export type Package = keyof typeof PACKAGES;

/** Loads a package; `T` is what the caller uses of it. */
export async function loadPackage<T>(name: Package): Promise<T> {
  return await import(PACKAGES[name]);
}

/** The package as rows name it, such as `onnxruntime-web 1.30.0`. */
export function packageTitle(name: Package): string {
  return /^npm:(?:@[\w-]+\/)?([\w-]+)@([\d.]+)/.exec(PACKAGES[name])!.slice(1).join(" ");
}
