import assert from "node:assert/strict";
import { tokenCommand } from "../../scripts/token.ts";
import { homeOf } from "../../scripts/token/home.ts";
import { UsageError } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { recordedIo } from "../kit/io.ts";
import { scriptedPerson } from "../kit/person.ts";
import { standInVault } from "../kit/stand_in_vault.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const [old, next] = [fakeToken(78), fakeToken(79)];

Deno.test("homeOf() knows each home by its name and refuses everything else, without repeating it", async () => {
  const names = ["keychain", "keychain:hf/me", "vault:teams/hf#token", "vault:kv:hf", "aws:hf#a.b"];
  for (const name of names) {
    assert.equal((await homeOf(name)).name, name.replace(/:.*/u, ""));
  }
  assert.equal((await homeOf("azure:team.vault.azure.net/hf")).name, "azure");
  for (const wrong of ["", "vault", "vault:", "azure:team", "disk:/tmp", old]) {
    await assert.rejects(homeOf(wrong), (error) => {
      assert.ok(error instanceof UsageError);
      assert.ok(
        wrong === "" || !error.message.includes(`"${wrong}"`) && !error.message.includes(old),
      );
      return true;
    });
  }
});

Deno.test("token rotate --home replaces the token in Vault and says what to revoke", async () => {
  await using vault = standInVault();
  using temporary = temporaryFolder();
  vault.kept.set("hf", { data: { token: old }, version: 1 });
  const io = recordedIo({
    input: `${next}\n`,
    env: {
      HUSHBOOK_HOME: `${temporary.path}/state`,
      VAULT_ADDR: vault.address,
      VAULT_TOKEN: vault.credential,
    },
  });
  const args = ["rotate", "--home", "vault:hf", "--stdin", "--no-check"];
  assert.equal(await tokenCommand({ person: null }).main(args, io), 0);
  assert.deepEqual(vault.kept.get("hf")?.data, { token: next });
  assert.match(io.stdout, new RegExp(`${fingerprint(next)} in place of ${fingerprint(old)}`));
  assert.match(io.stdout, /revoke it: https:\/\/huggingface\.co\/settings\/tokens/);
  for (const secret of [old, next, vault.credential]) {
    assert.ok(!(io.stdout + io.stderr).includes(secret));
  }
});

Deno.test("token revoke asks first, and tells the Hub only after a yes", async () => {
  using temporary = temporaryFolder();
  const seen: unknown[] = [];
  await using hub = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      seen.push(await request.json());
      return new Response(null, { status: 202 });
    },
  );
  const env = {
    HUSHBOOK_HOME: `${temporary.path}/state`,
    HF_ENDPOINT: `http://127.0.0.1:${hub.addr.port}`,
  };
  const run = async (args: string[], ...answers: string[]) => {
    const io = recordedIo({ env, input: `${old}\n` });
    const person = answers.length === 0 ? null : scriptedPerson(...answers);
    const code = await tokenCommand({ person }).main(["revoke", ...args], io);
    assert.ok(!(io.stdout + io.stderr).includes(old));
    return { code, out: io.stdout, err: io.stderr };
  };
  const declined = await run([], old, "");
  assert.equal(declined.code, 2);
  assert.match(declined.err, /Nothing was revoked/);
  const unasked = await run(["--stdin"]);
  assert.deepEqual([unasked.code, /say --yes/.test(unasked.err)], [2, true]);
  assert.deepEqual(seen, []);
  const done = await run([], old, "y");
  assert.equal(done.code, 0);
  assert.match(done.out, new RegExp(`${fingerprint(old)} and revokes it`));
  assert.equal((await run(["--stdin", "--yes", "--json"])).code, 0);
  assert.deepEqual(seen, [{ credentials: [old] }, { credentials: [old] }]);
});

Deno.test("token revoke FILE shows what the files hold, asks, and revokes each token once", async () => {
  using temporary = temporaryFolder();
  const at = (name: string) => `${temporary.path}/${name}`;
  const [plain, spelled, allowed] = [fakeToken(140), fakeToken(141), fakeToken(142)];
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      { cell_type: "code", id: "a", metadata: {}, execution_count: 1, outputs: [], source: plain },
      { cell_type: "raw", id: "b", metadata: {}, source: [`"${btoa(`x ${spelled} y`)}"`] },
    ],
  };
  await Deno.writeTextFile(at("a.ipynb"), JSON.stringify(notebook));
  await Deno.writeTextFile(at("b.py"), `t = "${plain}"\nu = "${allowed}"\n`);
  await Deno.writeTextFile(
    at(".hushbook-allow"),
    `${fingerprint(allowed)} b.py until=2999-01-01 an example\n`,
  );
  const seen: { credentials: string[] }[] = [];
  const last = () => seen.pop()!.credentials;
  await using hub = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      seen.push(await request.json());
      return new Response(null, { status: 202 });
    },
  );
  const env = {
    HUSHBOOK_HOME: at("state"),
    HF_ENDPOINT: `http://127.0.0.1:${hub.addr.port}`,
  };
  const run = async (args: string[], answers: string[] | null = [], input = "") => {
    const io = recordedIo({ cwd: temporary.path, env, input });
    const person = answers && scriptedPerson(...answers);
    let code = 2;
    try {
      code = await tokenCommand({ person }).main(["revoke", ...args], io);
    } catch (error) {
      assert.ok(error instanceof UsageError);
      io.err(error.message);
    }
    const told = io.stdout + io.stderr + (person?.asked.join("\n") ?? "");
    for (const token of [plain, spelled, allowed]) assert.ok(!told.includes(token), "it is shown");
    return { code, told };
  };
  const declined = await run(["a.ipynb", "b.py"], [""]);
  assert.equal(declined.code, 2);
  assert.match(declined.told, new RegExp(`${fingerprint(plain)} .+ in a\\.ipynb: cell 1 .+1 more`));
  assert.match(declined.told, new RegExp(`${fingerprint(spelled)} .+ in a\\.ipynb: cell 2`));
  assert.match(declined.told, /Revoke these 2 tokens for good\?/);
  assert.match(declined.told, /Nothing was revoked/);
  assert.equal((await run(["a.ipynb"], null)).code, 2, "nobody can be asked");
  const argument = await run([plain], ["y"]);
  assert.deepEqual([argument.code, /shell's history/.test(argument.told)], [2, true]);
  assert.equal((await run(["--stdin", "a.ipynb"], ["y"])).code, 2);
  assert.deepEqual(seen, [], "never without a yes");

  assert.equal((await run(["."], ["y"])).code, 0);
  assert.deepEqual(
    last().sort(),
    [plain, spelled].sort(),
  );
  const piped = await run(["--yes", "--json", "-"], null, `login(${spelled})`);
  assert.equal(piped.code, 0);
  assert.deepEqual(last(), [spelled]);
  const partly = await run(["--yes", "gone.py", "b.py"], null);
  assert.deepEqual([partly.code, /gone\.py: Cannot search/.test(partly.told)], [3, true]);
  assert.deepEqual(last(), [plain]);
  await Deno.writeTextFile(at("c.py"), "nothing\n");
  assert.equal((await run(["c.py"], [])).code, 1);
});
