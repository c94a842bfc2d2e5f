/** The thread of watchdog.ts. Of all ways to end a process, a signal is the one that a worker has. */
import process from "node:process";

/** A wait that begins; undefined says that it is over. */
type Message = { readonly work: string; readonly seconds: number } | undefined;

let timer: ReturnType<typeof setTimeout> | undefined;

self.addEventListener("message", ({ data }: MessageEvent<Message>) => {
  clearTimeout(timer);
  if (data) timer = setTimeout(() => end(data), data.seconds * 1000);
});

function end({ work, seconds }: NonNullable<Message>): void {
  console.error(
    `error: The GPU did not answer within ${seconds} s and this process is ended; its latest work was ${work}; ` +
      "LAPIDARY_ONE_BY_ONE=1 tells which dispatch it is, LAPIDARY_WAIT_LIMIT sets the seconds",
  );
  process.kill(process.pid, "SIGKILL");
}
