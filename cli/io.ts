/** Standard output and standard error as the commands see them. */

/** Where a command writes. Results go to `stdout`, everything else to `stderr`. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether standard error is a terminal, on which a line may be drawn again. */
  readonly isTerminal: boolean;
  /** Whether to colour standard error. */
  readonly color: boolean;
  /** Characters in a line of the terminal. */
  columns(): number;
  /** Asks a question that is answered by yes or no; undefined where there is no terminal to ask. */
  confirm(question: string): boolean | undefined;
}

/** The process's own streams; `NO_COLOR` is honoured. */
export function processIo(): Io {
  const isTerminal = Deno.stderr.isTerminal();
  return {
    stdout: (text) => writeAll(Deno.stdout, text),
    stderr: (text) => writeAll(Deno.stderr, text),
    isTerminal,
    color: isTerminal && !Deno.noColor,
    // A pseudo terminal may say that it has no width.
    columns: () => isTerminal ? Deno.consoleSize().columns || 80 : 80,
    confirm: (question) => {
      if (!isTerminal || !Deno.stdin.isTerminal()) return undefined;
      writeAll(Deno.stderr, `${question} [y/N] `);
      return /^y(es)?$/i.test(readLine().trim());
    },
  };
}

/** A line that is typed; what a terminal gives at once is one. */
function readLine(): string {
  const bytes = new Uint8Array(1024);
  return new TextDecoder().decode(bytes.subarray(0, Deno.stdin.readSync(bytes) ?? 0));
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
}
