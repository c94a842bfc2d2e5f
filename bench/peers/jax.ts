import { loadPackage } from "./packages.ts";

/** An array of jax-js. Whoever is given one owns it: `ref` keeps another reference. */
export interface JaxArray {
  readonly ref: JaxArray;
  readonly shape: number[];
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray | number): JaxArray;
  neg(): JaxArray;
  sum(axis?: number): JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  transpose(axes?: readonly number[]): JaxArray;
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** A value of arrays, in objects and lists. */
export type JaxTree = JaxArray | readonly JaxTree[] | { readonly [name: string]: JaxTree };

/** What is used of jax-js. */
export interface Jax {
  init(): Promise<string[]>;
  defaultDevice(name: "webgpu"): void;
  jit<A extends readonly unknown[], R>(f: (...args: A) => R): (...args: A) => R;
  valueAndGrad<A extends readonly unknown[]>(
    f: (...args: A) => [value: JaxArray, aux: JaxArray],
    options: { hasAux: true },
  ): (...args: A) => [[value: JaxArray, aux: JaxArray], gradient: A[0]];
  blockUntilReady(value: unknown): Promise<unknown>;
  readonly tree: { ref<T>(value: T): T; dispose(value: unknown): void };
  readonly nn: {
    softmax(x: JaxArray, axis: number): JaxArray;
    logSoftmax(x: JaxArray, axis: number): JaxArray;
    gelu(x: JaxArray): JaxArray;
  };
  readonly numpy: {
    readonly int32: unknown;
    array(values: Float32Array | Int32Array, options?: { dtype?: unknown }): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    mean(x: JaxArray, axis: number, options: { keepdims: boolean }): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    square(x: JaxArray): JaxArray;
    exp(x: JaxArray): JaxArray;
    reciprocal(x: JaxArray): JaxArray;
    split(x: JaxArray, sections: number, axis: number): JaxArray[];
    concatenate(parts: readonly JaxArray[], axis: number): JaxArray;
    arange(end: number): JaxArray;
    equal(x: JaxArray, y: JaxArray): JaxArray;
    where(condition: JaxArray, x: JaxArray | number, y: JaxArray | number): JaxArray;
    minimum(x: JaxArray | number, y: JaxArray | number): JaxArray;
  };
}

/** jax-js, set to compute on the adapter. */
export async function loadJax(): Promise<Jax> {
  const jax = await loadPackage<Jax>("jax"), devices = await jax.init();
  if (!devices.includes("webgpu")) throw new TypeError(`jax-js found no WebGPU, only ${devices.join(", ")}`);
  jax.defaultDevice("webgpu");
  return jax;
}
