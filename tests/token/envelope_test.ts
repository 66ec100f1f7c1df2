import assert from "node:assert/strict";
import { CompactEncrypt } from "jose";
import { StoreError } from "../../src/errors.ts";
import {
  type EnvelopeHeader,
  openEnvelope,
  readEnvelopeHeader,
  ROUNDS,
  sealEnvelope,
} from "../../src/token/envelope.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { needs } from "../kit/programs.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(21);
const password = "correct horse battery é 日";
const header: EnvelopeHeader = {
  mode: "passphrase",
  iat: 1_700_000_000,
  fingerprint: fingerprint(token),
};
const sealed = await sealEnvelope({ token, createdAt: 5, expiresAt: 6 }, password, header);

/** The sealed text with some members of its protected header replaced; undefined removes one. */
function withHeader(changes: Record<string, unknown>): string {
  const [head, ...rest] = sealed.split(".");
  const fields = JSON.parse(atob(head!.replaceAll("-", "+").replaceAll("_", "/")));
  const text = JSON.stringify({ ...fields, ...changes });
  return [btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""), ...rest]
    .join(".");
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof StoreError, String(error));
    return error.code;
  }
  return "no error";
}

Deno.test("openEnvelope() gives back what sealEnvelope() took", async () => {
  assert.deepEqual(await openEnvelope(sealed, password), { token, createdAt: 5, expiresAt: 6 });
});

Deno.test("sealEnvelope() shows mode, time and fingerprint without the password, and no token", () => {
  assert.deepEqual(readEnvelopeHeader(sealed), header);
  assert.ok(!sealed.includes(token));
  assert.ok(!atob(sealed.split(".")[0]!.replaceAll("-", "+").replaceAll("_", "/")).includes(token));
});

Deno.test("openEnvelope() gives null when the password is wrong or the file was edited", async () => {
  assert.equal(await openEnvelope(sealed, password + "x"), null);
  assert.equal(await openEnvelope(withHeader({ fingerprint: "000000000000" }), password), null);
  const [head, key, nonce, text, tag] = sealed.split(".");
  const edited = text!.startsWith("A") ? "B" + text!.slice(1) : "A" + text!.slice(1);
  assert.equal(await openEnvelope([head, key, nonce, edited, tag].join("."), password), null);
});

/** Every header that we would not have written, and whether it is another's file or a broken one. */
const FOREIGN: readonly (readonly [string, string, string])[] = [
  ["no rounds to speak of", withHeader({ p2c: 1 }), "store-refused"],
  ["jose's default of 2048 rounds", withHeader({ p2c: 2048 }), "store-refused"],
  ["one round too few", withHeader({ p2c: 479_999 }), "store-refused"],
  ["one round too many", withHeader({ p2c: 2_000_001 }), "store-refused"],
  ["five million rounds", withHeader({ p2c: 5_000_000 }), "store-refused"],
  ["rounds that are text", withHeader({ p2c: "600000" }), "store-refused"],
  ["rounds that are a fraction", withHeader({ p2c: 600_000.5 }), "store-refused"],
  ["no rounds", withHeader({ p2c: undefined }), "store-refused"],
  ["a short salt", withHeader({ p2s: "AAAAAAAAAAA" }), "store-refused"],
  ["a salt that is a number", withHeader({ p2s: 5 }), "store-refused"],
  ["direct encryption", withHeader({ alg: "dir" }), "store-refused"],
  ["a weaker hash", withHeader({ alg: "PBES2-HS256+A128KW" }), "store-refused"],
  ["no algorithm", withHeader({ alg: "none" }), "store-refused"],
  ["a weaker cipher", withHeader({ enc: "A128GCM" }), "store-refused"],
  ["compression", withHeader({ zip: "DEF" }), "store-refused"],
  ["a key address", withHeader({ jku: "https://example.org" }), "store-refused"],
  ["critical extensions", withHeader({ crit: ["x"] }), "store-refused"],
  ["an unknown mode", withHeader({ mode: "none" }), "store-refused"],
  ["no fingerprint", withHeader({ fingerprint: undefined }), "store-refused"],
  ["a fingerprint that is markup", withHeader({ fingerprint: "<script>" }), "store-refused"],
  ["no time", withHeader({ iat: null }), "store-refused"],
  ["nothing in it", "", "store-damaged"],
  ["four parts", sealed.split(".").slice(1).join("."), "store-damaged"],
  ["a part that is not base64url", sealed.replace(".", ".!"), "store-damaged"],
  ["a cut end", sealed.slice(0, -4), "store-damaged"],
  ["a header that is not JSON", "e30x." + sealed.split(".").slice(1).join("."), "store-damaged"],
  ["a header that is a list", btoa("[1]") + sealed.slice(sealed.indexOf(".")), "store-damaged"],
  ["70 000 characters", sealed + "A".repeat(70_000), "store-refused"],
];

for (const [what, jwe, code] of FOREIGN) {
  Deno.test(`readEnvelopeHeader() refuses a file with ${what}`, () => {
    assert.equal(codeOf(() => readEnvelopeHeader(jwe)), code);
  });
}

Deno.test("openEnvelope() refuses a foreign header before it derives anything", async () => {
  const began = performance.now();
  const slow = withHeader({ p2c: 4_000_000_000 });
  await assert.rejects(openEnvelope(slow, password), { code: "store-refused" });
  // Deriving four thousand million rounds would take half an hour.
  assert.ok(performance.now() - began < 10_000);
});

Deno.test("openEnvelope() refuses content that is no token of this version", async () => {
  const other = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify({ v: 2, token })))
    .setProtectedHeader({
      alg: "PBES2-HS512+A256KW",
      enc: "A256GCM",
      ...header,
    })
    .setKeyManagementParameters({ p2c: 480_000 })
    .encrypt(new TextEncoder().encode(password));
  await assert.rejects(openEnvelope(other, password), { code: "store-refused" });
});

Deno.test({
  ...needs("sealEnvelope() writes what Debian's python3-jwcrypto opens", "python3-jwcrypto"),
  async fn() {
    const program = `
import json, sys
from jwcrypto import jwa, jwe, jwk
jwa.default_max_pbkdf2_iterations = 2000000  # newer releases cap it at 16384
job = json.load(sys.stdin)
opened = jwe.JWE(algs=["PBES2-HS512+A256KW", "A256GCM"])
opened.deserialize(job["jwe"], key=jwk.JWK.from_password(job["password"]))
print(json.dumps([json.loads(opened.payload), json.loads(opened.objects["protected"])]))`;
    const [content, seen] = JSON.parse(await python(program, { jwe: sealed, password }));
    assert.deepEqual(content, { v: 1, token, createdAt: 5, expiresAt: 6 });
    assert.equal(seen.p2c, ROUNDS);
    assert.equal(seen.typ, "hushbook-token+jwe");
    assert.equal(seen.fingerprint, header.fingerprint);
  },
});

/** The format needs no library: this is all of it, for Node (its runtime's Deno copy lacks the key wrap). */
const TEN_LINES = `
const { createDecipheriv, pbkdf2Sync } = require("node:crypto");
const { jwe, password } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const [head, ...rest] = jwe.split("."), [key, nonce, text, tag] = rest.map((part) => Buffer.from(part, "base64url"));
const { alg, p2c, p2s } = JSON.parse(Buffer.from(head, "base64url"));
const salt = Buffer.concat([Buffer.from(alg + "\\0"), Buffer.from(p2s, "base64url")]);
const wrapping = pbkdf2Sync(password, salt, p2c, 32, "sha512");
const unwrap = createDecipheriv("id-aes256-wrap", wrapping, Buffer.alloc(8, 0xa6));
const cipher = createDecipheriv("aes-256-gcm", Buffer.concat([unwrap.update(key), unwrap.final()]), nonce);
cipher.setAAD(Buffer.from(head)).setAuthTag(tag);
process.stdout.write(Buffer.concat([cipher.update(text), cipher.final()]));`;

Deno.test({
  ...needs("sealEnvelope() writes what ten lines of node:crypto open", "node"),
  async fn() {
    const text = await answer("node", ["-e", TEN_LINES], { jwe: sealed, password });
    assert.equal(JSON.parse(text).token, token);
  },
});

function python(program: string, job: unknown): Promise<string> {
  return answer("/usr/bin/python3", ["-c", program], job);
}

async function answer(program: string, args: string[], job: unknown): Promise<string> {
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(job)));
  await writer.close();
  const { stdout, stderr, success } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
