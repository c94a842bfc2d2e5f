import assert from "node:assert/strict";

type ErrorClass = abstract new (...args: never[]) => Error;

/** For `assert.throws` and `assert.rejects`: the error is of this class and has exactly this message. */
export function errorWith(kind: ErrorClass, message: string): (error: Error) => true {
  return (error) => {
    assert.ok(error instanceof kind, error.stack);
    assert.equal(error.message, message);
    return true;
  };
}

/** Asserts that `promise` rejects with an error of that class and exactly that message. */
export async function rejectsWith(
  promise: Promise<unknown>,
  kind: ErrorClass,
  message: string,
): Promise<void> {
  await assert.rejects(promise, errorWith(kind, message));
}

/** Asserts that `action` throws an error of that class and exactly that message. */
export function throwsWith(action: () => unknown, kind: ErrorClass, message: string): void {
  assert.throws(action, errorWith(kind, message));
}
