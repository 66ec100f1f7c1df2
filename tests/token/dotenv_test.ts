import assert from "node:assert/strict";
import { TokenError } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { machine, utf16, write } from "../kit/machine.ts";
import { needs } from "../kit/programs.ts";
import { fakeToken } from "../kit/tokens.ts";

const one = fakeToken(61);

const DOTENVS: readonly (readonly [string, string | Uint8Array])[] = [
  ["plain", `# mine\nOTHER=1\nHF_TOKEN=${one}\n`],
  ["with export, quotes and Windows line ends", `export HF_TOKEN="${one}"\r\nOTHER=2\r\n`],
  ["with a byte order mark", `\ufeffHF_TOKEN=${one}\n`],
  ["in UTF-16, as Windows PowerShell writes it", utf16(`\ufeffHF_TOKEN=${one}\r\n`)],
  ["in UTF-16, big endian", utf16(`\ufeffHF_TOKEN=${one}\n`, true)],
  ["in UTF-16 without mark", utf16(`HF_TOKEN=${one}\n`)],
  ["under the second name", `HF_TOKEN=\nHUGGINGFACE_TOKEN='${one}' # comment\n`],
];

for (const [what, content] of DOTENVS) {
  Deno.test(`loadToken() reads a .env file ${what}`, async () => {
    using here = machine();
    write(`${here.cwd}/.env`, content);
    const loaded = await here.load();
    assert.equal(loaded.source, "dotenv");
    assert.equal(loaded.fingerprint, fingerprint(one));
    assert.equal(Deno.env.get("HF_TOKEN"), undefined, "nothing is written into the environment");
  });
}

Deno.test("loadToken() says what is wrong with a .env file that it cannot read", async () => {
  using here = machine();
  write(`${here.cwd}/.env`, new Uint8Array([0x48, 0xff, 0xfe, 0xc3, 0x28]));
  await assert.rejects(here.load(), { code: "token-unreadable", message: /UTF-8/ });
  write(`${here.cwd}/.env`, "A=1\n".repeat(400_000));
  await assert.rejects(here.load(), { code: "token-unreadable", message: /larger/ });
  write(`${here.cwd}/.env`, "NOTHING=here\n");
  await assert.rejects(here.load(), { code: "token-missing" });
});

async function git(cwd: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", { args, cwd }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test({
  ...needs(
    "loadToken() refuses a .env file that git tracks, and warns when git would take it",
    "git",
  ),
  async fn() {
    using here = machine();
    const file = `${here.cwd}/.env`;
    write(file, `HF_TOKEN=${one}\n`);
    await git(here.cwd, "init", "-q");
    await here.load();
    assert.match(here.notices[0]!, /git does not ignore it.*Add \.env to \.gitignore/);

    write(`${here.cwd}/.gitignore`, ".env\n");
    here.notices.length = 0;
    await here.load();
    assert.deepEqual(here.notices, []);

    await git(here.cwd, "add", "-f", ".env");
    await assert.rejects(here.load(), (error: unknown) => {
      assert.ok(error instanceof TokenError && error.code === "token-tracked");
      assert.match(error.message, /git rm --cached \.env.*revoke/);
      return true;
    });
    const explained = String(await here.explain());
    assert.match(explained, /dotenv .* not used: .*git tracks/);

    // Behind a link it is the tracked file that counts.
    await Deno.mkdir(`${here.cwd}/sub`);
    await Deno.symlink(file, `${here.cwd}/sub/.env`);
    await assert.rejects(here.load({ cwd: `${here.cwd}/sub` }), { code: "token-tracked" });
  },
});
