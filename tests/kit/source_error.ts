import assert from "node:assert/strict";
import { SourceError, type SourceErrorCode } from "../../src/errors.ts";

/** Asserts that a source refuses with this code and words, and that the error holds none of the secrets. */
export async function assertSourceError(
  action: Promise<unknown>,
  code: SourceErrorCode,
  message: RegExp,
  secrets: readonly string[],
): Promise<void> {
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof SourceError, Deno.inspect(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    const shown = `${Deno.inspect(error)} ${JSON.stringify(error)} ${error.stack}`;
    for (const secret of secrets) assert.ok(!shown.includes(secret), "the error shows a secret");
    return true;
  });
}
