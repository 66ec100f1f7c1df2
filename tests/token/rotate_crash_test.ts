/** A rotation that is killed between any two of its steps. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { AuditLog } from "../../src/audit/log.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { standInVault } from "../kit/stand_in_vault.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const [old, next] = [fakeToken(160), fakeToken(161)];

Deno.test("rotateToken() that is killed at any step leaves the old token or the new one, and says which", async (t) => {
  await using server = standInVault();
  const rotate = (folder: string) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "-A",
        "--no-check",
        fileURLToPath(new URL("./rotate_program.ts", import.meta.url)),
        folder,
        "161",
      ],
      env: { VAULT_ADDR: server.address, VAULT_TOKEN: server.credential, NO_COLOR: "1" },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  const records = async (folder: string) => {
    using log = new AuditLog({ folder });
    assert.equal((await log.verify()).ok, true);
    const { records } = await log.read({ events: ["token.rotate"] });
    return records.toReversed().map(({ outcome, fingerprint, replaced }) =>
      `${outcome} ${replaced} -> ${fingerprint}`
    );
  };
  const about = `${fingerprint(old)} -> ${fingerprint(next)}`;
  // It reads, reads again to write, writes, and reads back; killed before an answer, or after the write.
  for (
    const [step, written] of [[1, false], [2, false], [3, false], [3, true], [4, true]] as const
  ) {
    await t.step(`request ${step}, ${written ? "written" : "not written"}`, async () => {
      using temporary = temporaryFolder();
      const folder = `${temporary.path}/h`;
      server.kept.set("hf", { data: { token: old, owner: "nlp" }, version: 1 });
      const asked = Promise.withResolvers<void>();
      const dead = Promise.withResolvers<void>();
      let requests = 0;
      server.answer = async () => {
        if (++requests !== step) return undefined;
        if (step === 3 && written) {
          server.kept.set("hf", { data: { token: next, owner: "nlp" }, version: 2 });
        }
        asked.resolve();
        await dead.promise;
        return new Response(null, { status: 500 });
      };
      const child = rotate(folder);
      await asked.promise;
      child.kill("SIGKILL");
      await child.output();
      dead.resolve();
      server.answer = undefined;
      const there = server.kept.get("hf")?.data?.token;
      assert.equal(there, written ? next : old);
      // The log tells of every one that may have written.
      assert.deepEqual(
        step === 1 ? [] : await records(folder),
        step === 1 ? [] : [`started ${about}`],
      );
      // Done again, it is whole, or says that it was done and where the old token is named.
      const again = new TextDecoder().decode((await rotate(folder).output()).stdout);
      if (written) {
        assert.match(again, /^usage .* got that far, and `hushbook audit show --event token/);
      } else assert.equal(again, `rotated ${fingerprint(old)}\n`);
      assert.deepEqual(server.kept.get("hf")?.data, { token: next, owner: "nlp" });
      for (const secret of [old, next, server.credential]) {
        assert.ok(!again.includes(secret));
      }
    });
  }
});
