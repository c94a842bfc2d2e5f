import assert from "node:assert/strict";

type ErrorClass = abstract new (...args: never[]) => Error;

/** For `assert.throws` and `assert.rejects`: the error is of this class and has exactly this message. */
export function errorWith(kind: ErrorClass, message: string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof kind, `${error}`);
    assert.equal(error.message, message);
    return true;
  };
}
