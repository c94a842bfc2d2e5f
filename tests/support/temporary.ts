/** Runs `test` in a fresh directory and removes it afterwards, whatever happened. */
export async function inTemporaryDirectory<T>(test: (directory: string) => Promise<T>): Promise<T> {
  const directory = await Deno.makeTempDir({ prefix: "lapidary-" });
  try {
    return await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Sorted names of everything directly inside `directory`. */
export async function namesIn(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory), (entry) => entry.name)).sort();
}
