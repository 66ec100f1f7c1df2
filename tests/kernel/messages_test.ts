import assert from "node:assert/strict";
import { MessageCodec } from "../../src/kernel/messages.ts";

const encoder = new TextEncoder();

Deno.test("decode() returns what encode() was given, behind routing identities", async () => {
  const codec = await MessageCodec.create("key");
  const message = codec.message("execute_request", { code: "é\n" });
  const frames = codec.encode({ ...message, buffers: [Uint8Array.of(0, 255)] });
  const decoded = codec.decode([encoder.encode("someone"), ...frames]);
  assert.deepEqual(decoded, { ...message, buffers: [Uint8Array.of(0, 255)] });
});

Deno.test("encode() signs as the protocol says: HMAC-SHA256 over the four JSON parts", async () => {
  const codec = await MessageCodec.create("a0436f6c");
  const [, signature, ...parts] = codec.encode(codec.message("x", {}));
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode("a0436f6c"),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const joined = new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  const wanted = new Uint8Array(await crypto.subtle.sign("HMAC", key, joined)).toHex();
  assert.equal(new TextDecoder().decode(signature), wanted);
});

Deno.test("decode() drops messages of another key, changed, cut or garbled ones", async () => {
  const codec = await MessageCodec.create("key");
  const frames = codec.encode(codec.message("status", { execution_state: "idle" }));
  assert.notEqual(codec.decode(frames), null);
  assert.equal((await MessageCodec.create("other")).decode(frames), null);
  const changed = frames.with(5, encoder.encode(`{"execution_state":"busy"}`));
  assert.equal(codec.decode(changed), null);
  assert.equal(codec.decode(frames.slice(0, 5)), null);
  assert.equal(codec.decode(frames.slice(1)), null);
  assert.equal(codec.decode(frames.with(1, encoder.encode(""))), null);
  assert.equal(codec.decode([]), null);
});
