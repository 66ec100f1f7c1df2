import assert from "node:assert/strict";
import { readErrorCode } from "../../src/inference/error_codes.ts";

Deno.test("readErrorCode() repeats codes and parameters on its lists, and nothing else", () => {
  const table: [unknown, string | undefined][] = [
    [{ error: { code: "model_not_supported", message: "x" } }, "model_not_supported"],
    [{ error: { type: "unsupported_parameter", param: "seed" } }, "unsupported_parameter"],
    [{ error: "text", error_type: "validation" }, "validation"],
    [{ code: "content_filter" }, "content_filter"],
    [{ error: { code: "my secret prompt" } }, undefined],
    [{ error: { code: "constructor" } }, undefined],
    [{ error: "context_length_exceeded" }, undefined],
    [null, undefined],
    ["text", undefined],
  ];
  for (const [body, code] of table) assert.equal(readErrorCode(body)?.code, code);
  const known = readErrorCode({ error: { code: "invalid_value", param: "my secret prompt" } });
  assert.ok(!known!.advice.includes("secret"));
  assert.match(
    readErrorCode({ error: { code: "invalid_value", param: "top_p" } })!.advice,
    /\(top_p\)$/,
  );
});
