// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { AuditLog } from "../../src/audit/log.ts";
import { erasePseudonyms, pseudonym } from "../../src/audit/pseudonym.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { runDeno, sourceUrl } from "../kit/child.ts";

Deno.test("pseudonym is the beginning of an HMAC-SHA-256 under the machine's private key", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const name = await pseudonym("ada@example.com", { folder });
  const key = Uint8Array.fromHex(Deno.readTextFileSync(`${folder}/pseudonym.key`).trim());
  const expected = createHmac("sha256", key).update("ada@example.com").digest("hex").slice(0, 16);
  assert.equal(name, expected);
  assert.notEqual(await pseudonym("bob@example.com", { folder }), name);
  if (Deno.build.os !== "windows") {
    assert.equal((Deno.statSync(`${folder}/pseudonym.key`).mode ?? 0) & 0o777, 0o600);
  }
});

Deno.test("pseudonym is the same for composed and decomposed Unicode", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  assert.equal(
    await pseudonym("Zo\u00eb", { folder }),
    await pseudonym("Zoe\u0308", { folder }),
  );
});

Deno.test("pseudonym is a plain SHA-256 on request, and then makes no key", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  assert.equal(
    await pseudonym("ada", { folder, method: "sha256" }),
    createHash("sha256").update("ada").digest("hex").slice(0, 16),
  );
  assert.throws(() => Deno.lstatSync(folder), Deno.errors.NotFound);
});

Deno.test("pseudonym gives processes that start at once the same key", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const code = `import { pseudonym } from "${sourceUrl("src/audit/pseudonym.ts")}";
    console.log(await pseudonym("ada", { folder: ${JSON.stringify(folder)} }));`;
  const results = await Promise.all(Array.from({ length: 4 }, () => runDeno(code)));
  assert.deepEqual(results.map(({ stderr }) => stderr), ["", "", "", ""]);
  assert.equal(new Set(results.map(({ stdout }) => stdout)).size, 1);
});

Deno.test("erasePseudonyms makes the log's users untraceable, is recorded, and the log still verifies", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const user = await pseudonym("ada@example.com", { folder });
  using log = new AuditLog({ folder });
  await log.append({ event: "inference.end", outcome: "ok", user });
  assert.equal(await erasePseudonyms({ folder }), true);
  assert.equal(await erasePseudonyms({ folder }), false);
  assert.throws(() => Deno.lstatSync(`${folder}/pseudonym.key`), Deno.errors.NotFound);
  assert.notEqual(await pseudonym("ada@example.com", { folder }), user);
  assert.equal((await log.verify()).ok, true);
  assert.equal((await log.read({ events: ["pseudonym.erase"] })).records.length, 2);
});

Deno.test("pseudonym refuses an empty id", async () => {
  await assert.rejects(pseudonym(""), RangeError);
});
