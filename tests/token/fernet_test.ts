import assert from "node:assert/strict";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { importFernet } from "../../src/token/import_fernet.ts";
import { decryptFernet } from "../../src/token/fernet.ts";
import { openStore } from "../../src/token/store.ts";
import { recordedAudit } from "../kit/person.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(51);
const password = "correct horse é";
const salt = new Uint8Array(16).map((_, index) => index * 7);

/** A Fernet token made by Debian's python3-cryptography, the way its documentation shows. */
async function pythonFernet(text: string, iterations: number): Promise<string> {
  const program = `
import base64, sys
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
text, password, salt, rounds = sys.argv[1:]
kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=bytes.fromhex(salt), iterations=int(rounds))
key = base64.urlsafe_b64encode(kdf.derive(password.encode()))
print(Fernet(key).encrypt_at_time(text.encode(), 1700000000).decode())`;
  const hex = [...salt].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const { stdout, stderr, success } = await new Deno.Command("/usr/bin/python3", {
    args: ["-c", program, text, password, hex, String(iterations)],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  ...needs(
    "importFernet() takes over a token that python3-cryptography encrypted",
    "python3-cryptography",
  ),
  async fn() {
    using folder = temporaryFolder();
    const file = `${folder.path}/token.enc`;
    const audit = recordedAudit();
    const options = { folder: `${folder.path}/state`, audit, password };
    const base64 = btoa(String.fromCharCode(...salt));
    for (
      const text of [token, `HF_TOKEN="${token}"\n`, JSON.stringify({ huggingface_token: token })]
    ) {
      await Deno.writeTextFile(file, await pythonFernet(text, 480_000) + "\n");
      const saved = await importFernet(file, { ...options, salt: base64 });
      assert.equal(saved.fingerprint, fingerprint(token));
    }
    const opened = await openStore(options);
    assert.deepEqual(opened?.content, { token, createdAt: 1_700_000_000_000 });
    assert.equal(audit.events.at(-1)?.event, "token.import");

    await Deno.writeTextFile(file, await pythonFernet("no token at all", 1000));
    await assert.rejects(importFernet(file, { ...options, salt, iterations: 1000 }), {
      code: "token-invalid",
    });
    await assert.rejects(importFernet(`${file}.not`, { ...options, salt }), {
      code: "store-import",
    });
  },
});

Deno.test({
  ...needs(
    "decryptFernet() refuses what does not fit or was changed, showing nothing of it",
    "python3",
  ),
  async fn() {
    const iterations = 1000;
    const text = await pythonFernet(token, iterations);
    const { plaintext, at } = await decryptFernet(text, { password, salt, iterations });
    assert.equal(new TextDecoder().decode(plaintext), token);
    assert.equal(at, 1_700_000_000_000);

    const bytes = Uint8Array.from(
      atob(text.replaceAll("-", "+").replaceAll("_", "/")),
      (c) => c.charCodeAt(0),
    );
    const changed = (at: number) => {
      const copy = bytes.slice();
      copy[at]! ^= 1;
      return btoa(String.fromCharCode(...copy));
    };
    const fits = { password, salt, iterations };
    const WRONG: readonly (readonly [string, typeof fits])[] = [
      [text, { ...fits, password: "wrong" }],
      [text, { ...fits, salt: salt.slice(1) }],
      [text, { ...fits, iterations: 999 }],
      [text, { ...fits, iterations: 0 }],
      [text, { ...fits, salt: new Uint8Array() }],
      [changed(0), fits],
      [changed(5), fits],
      [changed(12), fits],
      [changed(30), fits],
      [changed(bytes.length - 1), fits],
      [text.slice(0, -8), fits],
      ["", fits],
      ["gAAAA", fits],
      [token, fits],
    ];
    for (const [input, options] of WRONG) {
      await assert.rejects(decryptFernet(input, options), (error: unknown) => {
        assert.equal((error as { code?: string }).code, "store-import");
        return !Deno.inspect(error).includes(token);
      });
    }
  },
});
