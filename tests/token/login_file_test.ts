import assert from "node:assert/strict";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { machine, write } from "../kit/machine.ts";
import { needs } from "../kit/programs.ts";
import { fakeToken, randomText } from "../kit/tokens.ts";

const one = fakeToken(61);

const PLACES: readonly (readonly [string, Record<string, string>, string])[] = [
  ["HF_TOKEN_PATH", { HF_TOKEN_PATH: "~/mine/$NAME.txt", NAME: "tok" }, "mine/tok.txt"],
  ["HF_HOME with ~", { HF_HOME: "~/hf" }, "hf/token"],
  ["XDG_CACHE_HOME", { XDG_CACHE_HOME: "~/xdg" }, "xdg/huggingface/token"],
  ["the default place", {}, ".cache/huggingface/token"],
  ["the place of old tools", {}, ".huggingface/token"],
];

for (const [what, variables, path] of PLACES) {
  Deno.test(`loadToken() finds the Hub's login file by ${what}`, async () => {
    using here = machine(variables);
    write(`${here.home}/${path}`, `${one}\n`, 0o644);
    const loaded = await here.load();
    assert.equal(loaded.where, `${here.home}/${path}`);
    assert.match(here.notices[0]!, /unencrypted.*chmod 600.*hushbook token import/);
    await here.load();
    assert.equal(here.notices.length, 1, "the notice comes once a day");
  });
}

Deno.test("loadToken() expands variables after ~, as Python does, and leaves unknown ones", async () => {
  const { expandPath } = await import("../../src/token/login_file.ts");
  const env = (name: string) => ({ HOME: "/home/me", A: "a", EMPTY: "" })[name];
  const cases = {
    "~/x": "/home/me/x",
    "~": "/home/me",
    "~you/x": "~you/x",
    "/x/$A/${A}b": "/x/a/ab",
    "$UNKNOWN/x": "$UNKNOWN/x",
    "$A~": "a~",
    "/x$EMPTY/y": "/x/y",
  };
  for (const [path, expanded] of Object.entries(cases)) {
    assert.equal(expandPath(path, env), expanded);
  }
});

Deno.test("loadToken() knows from stored_tokens when an OAuth token expires", async () => {
  const token = ["hf", "oauth", randomText(60, 9)].join("_");
  using here = machine();
  const folder = `${here.home}/.cache/huggingface`;
  write(`${folder}/token`, token);
  const at = Date.UTC(2030, 0, 1) / 1000;
  write(
    `${folder}/stored_tokens`,
    `[other]\nhf_token = ${one}\nexpires_at = 5\n\n[mine]\nhf_token = ${token}\n` +
      `refresh_token = hf_secret\nexpires_at = ${at}\n`,
  );
  const loaded = await here.load({ now: () => Date.UTC(2029, 0, 1) });
  assert.equal(loaded.kind, "oauth");
  assert.equal(loaded.expiresAt?.toISOString(), "2030-01-01T00:00:00.000Z");
  here.notices.length = 0;
  await here.load({ now: () => Date.UTC(2031, 0, 1) });
  assert.ok(here.notices.some((notice) => notice.includes("expired")));
});

Deno.test({
  ...needs(
    "loadToken() reads a pipe in place of the login file once, and never to compare",
    "mkfifo",
  ),
  async fn() {
    using here = machine({ HF_TOKEN_PATH: "~/pipe" });
    const pipe = `${here.home}/pipe`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    const [loaded] = await Promise.all([here.load(), Deno.writeTextFile(pipe, `${one}\n`)]);
    assert.equal(loaded.fingerprint, fingerprint(one));
    // Nobody writes now: reading it to explain or compare would wait for ever.
    assert.equal((await here.explain()).used, undefined);
    write(`${here.cwd}/.env`, `HF_TOKEN=${one}`);
    assert.equal((await here.load()).source, "dotenv");
  },
});
