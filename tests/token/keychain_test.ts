import assert from "node:assert/strict";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { Secret } from "../../src/secret/secret.ts";
import { keychain, type KeyringPackage } from "../../src/token/keychain.ts";
import { sourceContext } from "../kit/context.ts";
import { needs } from "../kit/programs.ts";
import { assertSourceError } from "../kit/source_error.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const program = new URL("./keychain_program.ts", import.meta.url).pathname;
const token = fakeToken(74);

/** The keyring's daemon outlives its session, with all files that it was given open; so it is ended. */
const ENDED = `trap 'kill $(dbus-send --session --print-reply --dest=org.freedesktop.DBus / ` +
  `org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets 2>/dev/null | ` +
  `grep -o "[0-9]*$") 2>/dev/null || :' EXIT`;

async function inSession(script: string, env: Record<string, string> = {}): Promise<string> {
  using home = temporaryFolder();
  const { stdout, stderr } = await new Deno.Command("dbus-run-session", {
    args: ["--", "sh", "-ec", `${ENDED}\n${script}`],
    env: { XDG_DATA_HOME: home.path, XDG_RUNTIME_DIR: home.path, DENO: Deno.execPath(), ...env },
    clearEnv: false,
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) +
    decoder.decode(stderr).replace(
      /^.*(?:dbus|gnome-keyring|Download|GNOME_KEYRING|SSH_AUTH).*\n?/gmu,
      "",
    );
}

Deno.test({
  ...needs(
    "keychain() keeps a token in a real GNOME Keyring, where Python's keyring finds it",
    "dbus-run-session",
    "gnome-keyring-daemon",
  ),
  async fn() {
    const run = `"$DENO" run --quiet --no-lock --allow-all ${program}`;
    const said = await inSession(`
      printf 'pass' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
      ${run} read 74
      ${run} write 74
      ${run} read 74
      /usr/bin/python3 -c 'import hashlib, keyring; print(hashlib.sha256(keyring.get_password("huggingface", "HF_TOKEN").encode()).hexdigest()[:12])'
      /usr/bin/python3 -c 'import keyring; keyring.set_password("huggingface", "HF_TOKEN", "replaced by python")'
      ${run} read 74
    `);
    assert.deepEqual(said.trim().split("\n"), [
      "nothing",
      "at huggingface/HF_TOKEN",
      "same",
      "same",
      fingerprint(token),
      "source-setup Cannot read the token from the keychain: it has 2 different entries for " +
      "huggingface/HF_TOKEN; remove the one that is out of date, with the system's keychain program",
    ]);
  },
});

Deno.test({
  ...needs(
    "keychain() reads and replaces what Python's keyring wrote, and says so when the keychain is locked",
    "dbus-run-session",
    "gnome-keyring-daemon",
  ),
  async fn() {
    const run = `"$DENO" run --quiet --no-lock --allow-all ${program}`;
    const python = (code: string) => `/usr/bin/python3 -c '${code}'`;
    const said = await inSession(
      `
      printf 'pass' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
      ${
        python(
          'import os, keyring; keyring.set_password("huggingface", "HF_TOKEN", os.environ["TOKEN"])',
        )
      }
      ${run} read 74
      ${run} rotate 75
      ${
        python(
          'import hashlib, keyring; print(hashlib.sha256(keyring.get_password("huggingface", "HF_TOKEN").encode()).hexdigest()[:12])',
        )
      }
      ${python("import secretstorage as s; s.get_default_collection(s.dbus_init()).lock()")}
      ${run} read 75
      ${run} write 75
    `,
      { TOKEN: token },
    );
    assert.ok(!said.includes(token));
    const [same, rotated, read, python_, ...locked] = said.trim().split("\n");
    assert.deepEqual([same, rotated, read, python_], [
      "same",
      `rotated ${fingerprint(token)} at huggingface/HF_TOKEN`,
      "same",
      fingerprint(fakeToken(75)),
    ]);
    assert.equal(locked.length, 2);
    for (const line of locked) assert.match(line, /^source-setup Cannot .* or it is locked\)/);
  },
});

Deno.test({
  name: "keychain() refuses Linux's volatile kernel keyring when no Secret Service runs",
  ignore: Deno.build.os !== "linux",
  async fn() {
    for (const what of ["read", "write"]) {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-lock", "--allow-all", program, what, "75"],
        env: {
          DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent",
          XDG_RUNTIME_DIR: "/nonexistent",
        },
      }).output();
      assert.match(new TextDecoder().decode(stdout), /^source-setup Cannot .* none runs here/);
      assert.ok(!Deno.readTextFileSync("/proc/keys").includes("huggingface"));
    }
  },
});

/** A keyring that takes everything and keeps nothing, as some backends do. */
function keyring(kept: string | null, refuse = false): () => Promise<KeyringPackage> {
  return () =>
    Promise.resolve({
      findCredentials: () => kept === null ? [] : [{ account: "HF_TOKEN", password: kept }],
      Entry: class {
        setPassword() {
          if (refuse) throw new Error(`locked, holds ${token}`);
        }
      },
    });
}

Deno.test("keychain() says so when what was written cannot be read back", async () => {
  const write = keychain({ load: keyring(null) }).write!(sourceContext(), new Secret(token));
  await assertSourceError(write, "source-failed", /did not keep it/, [token]);
});

Deno.test("keychain() says so when the keychain is locked, without the words of the package", async () => {
  const source = keychain({ load: keyring(token, true) });
  const write = source.write!(sourceContext(), new Secret(token));
  await assertSourceError(write, "source-denied", /locked or refused/, [token]);
});
