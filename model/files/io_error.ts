import { DataError } from "../../engine/mod.ts";

/** Cause and cure of a failed file operation, in the words of the person who gave the path. */
function causeAndCure(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist; check the path";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "permission is denied; change its permissions or give another path";
  }
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory; give a file";
  if (error instanceof Deno.errors.NotADirectory) return "a part of the path is a file; check the path";
  const { code } = error as { code?: string };
  if (code === "ENOSPC") return "the disk is full; free some space and run again";
  if (code === "EROFS") return "the file system is read-only; give another place";
  if (code === "ENOENT") return "the directory that it is in does not exist; check the path";
  return `the system answers "${
    error instanceof Error ? error.message : String(error)
  }"; check the path and the disk`;
}

/** The {@linkcode DataError} for a file operation that failed; an error of our own passes through unchanged. */
export function ioError(action: "read" | "write", path: string, error: unknown): Error {
  if (error instanceof DataError) return error;
  return new DataError(`Cannot ${action} ${path}: ${causeAndCure(error)}`, { path });
}

/** Whether `error` came from the file system rather than from the code that was writing. */
export function isIoError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return true;
  return Object.values(Deno.errors).some((kind) => error instanceof kind);
}
