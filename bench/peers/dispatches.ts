const METHODS = ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"] as const;

/** Counts the dispatches that `work` encodes on any device of this process: proof that a library used the adapter. */
export async function countDispatches(work: () => Promise<void>): Promise<number> {
  const { prototype } = GPUComputePassEncoder;
  const originals = METHODS.map((name) => Object.getOwnPropertyDescriptor(prototype, name)!);
  let count = 0;
  for (const [i, name] of METHODS.entries()) {
    const { value } = originals[i]!;
    Object.defineProperty(prototype, name, {
      ...originals[i],
      value(this: GPUComputePassEncoder, ...args: unknown[]) {
        count++;
        return Reflect.apply(value, this, args);
      },
    });
  }
  try {
    await work();
  } finally {
    for (const [i, name] of METHODS.entries()) Object.defineProperty(prototype, name, originals[i]!);
  }
  return count;
}
