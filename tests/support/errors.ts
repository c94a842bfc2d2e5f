import assert from "node:assert/strict";

type ErrorClass = new (message: string) => Error;

/** Asserts that `promise` rejects with an error of that class and exactly that message. */
export async function rejectsWith(
  promise: Promise<unknown>,
  kind: ErrorClass,
  message: string,
): Promise<void> {
  await assert.rejects(promise, (error: Error) => matches(error, kind, message));
}

/** Asserts that `action` throws an error of that class and exactly that message. */
export function throwsWith(action: () => unknown, kind: ErrorClass, message: string): void {
  assert.throws(action, (error: Error) => matches(error, kind, message));
}

function matches(error: Error, kind: ErrorClass, message: string): true {
  assert.ok(error instanceof kind, error.stack);
  assert.equal(error.message, message);
  return true;
}
