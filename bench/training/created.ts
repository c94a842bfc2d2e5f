const CREATORS = [
  "createBuffer",
  "createBindGroup",
  "createComputePipeline",
  "createShaderModule",
  "createQuerySet",
] as const;

/** Counts the objects that `work` creates on a device. */
export async function countCreated(gpu: GPUDevice, work: () => Promise<void>): Promise<number> {
  let count = 0;
  for (const name of CREATORS) {
    const create = gpu[name].bind(gpu) as (descriptor: never) => unknown;
    Object.defineProperty(gpu, name, {
      configurable: true,
      value: (descriptor: never) => {
        count++;
        return create(descriptor);
      },
    });
  }
  try {
    await work();
  } finally {
    for (const name of CREATORS) Reflect.deleteProperty(gpu, name);
  }
  return count;
}
