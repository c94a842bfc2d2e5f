/** Small disks in memory, where they can be mounted: on Linux, as root. */

/** Runs a shell command; whether it succeeded. */
export const shell = async (command: string): Promise<boolean> =>
  (await new Deno.Command("sh", { args: ["-c", command], stderr: "null" }).output()).success;

/** A mounted disk. */
export interface Disk {
  /** Changes its options, such as `size=64k` or `ro`. */
  remount(options: string): Promise<void>;
  /** Leaves so many pages of 4096 bytes free, at once. */
  leave(pages: number): void;
}

/** Mounts a disk at `path`, which is made, for as long as `work` takes; says so where that cannot be. */
export async function withDisk(
  path: string,
  options: string,
  work: (disk: Disk) => Promise<void>,
): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  if (!await shell(`mount -t tmpfs -o ${options} tmpfs '${path}'`)) {
    console.log("skipped: a small disk cannot be mounted here, which takes Linux and root");
    return;
  }
  let unmounted = false;
  try {
    await work({
      async remount(options) {
        if (!await shell(`mount -o remount,${options} '${path}'`)) {
          throw new Error(`no remount with ${options}`);
        }
      },
      leave(pages) {
        const size = `$(($(stat -f -c '(%b - %f) * %S' '${path}') + ${pages} * 4096))`;
        const command = `mount -o remount,size=${size} '${path}'`;
        if (!new Deno.Command("sh", { args: ["-c", command] }).outputSync().success) {
          throw new Error(`${path} does not change its size`);
        }
      },
    });
  } finally {
    unmounted = await shell(`umount '${path}'`);
  }
  if (!unmounted) throw new Error(`${path} stays mounted`);
}
