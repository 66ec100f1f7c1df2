import assert from "node:assert/strict";
import { openPrivateFolder, openStateFolder, stateFolder } from "../../src/state/folder.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { runDeno, sourceUrl } from "../kit/child.ts";

const posix = Deno.build.os !== "windows";
const mode = (path: string) => (Deno.lstatSync(path).mode ?? 0) & 0o777;

for (
  const [os, env, expected] of [
    ["linux", { HOME: "/h" }, "/h/.local/state/hushbook"],
    ["linux", { HOME: "/h", XDG_STATE_HOME: "/x" }, "/x/hushbook"],
    ["linux", { HOME: "/h", XDG_STATE_HOME: "relative" }, "/h/.local/state/hushbook"],
    ["linux", { HOME: "/h", XDG_STATE_HOME: "" }, "/h/.local/state/hushbook"],
    ["linux", { HOME: "/h", XDG_STATE_HOME: "/x", HUSHBOOK_HOME: "/mine/" }, "/mine"],
    ["linux", { HUSHBOOK_HOME: "/" }, "/"],
    ["darwin", { HOME: "/h" }, "/h/Library/Application Support/hushbook"],
    ["windows", { LOCALAPPDATA: "C:\\Local" }, "C:\\Local/hushbook"],
    ["windows", { USERPROFILE: "C:\\Users\\me" }, "C:\\Users\\me/AppData/Local/hushbook"],
    ["windows", { HUSHBOOK_HOME: "C:\\" }, "C:\\"],
  ] as const
) {
  Deno.test(`stateFolder is ${expected} on ${os} with ${JSON.stringify(env)}`, () => {
    const values: Record<string, string> = env;
    assert.equal(stateFolder({ os, env: (name) => values[name] }), expected);
  });
}

for (const env of [{}, { HOME: "" }, { HOME: "relative" }, { HOME: "/h", HUSHBOOK_HOME: "here" }]) {
  Deno.test(`stateFolder refuses when the environment is ${JSON.stringify(env)}`, () => {
    const values: Record<string, string> = env;
    assert.throws(() => stateFolder({ os: "linux", env: (name) => values[name] }), {
      code: "state-no-folder",
      message: /set (?:HUSHBOOK_HOME|it) to an absolute path/,
    });
  });
}

Deno.test("openStateFolder creates the folder, parents too, from the environment", async () => {
  using temporary = temporaryFolder();
  const env = (name: string) => name === "XDG_STATE_HOME" ? `${temporary.path}/a/b` : undefined;
  const path = await openStateFolder({ env });
  assert.equal(path, `${temporary.path}/a/b/hushbook`);
  if (posix) {
    for (const part of ["a", "a/b", "a/b/hushbook"]) {
      assert.equal(mode(`${temporary.path}/${part}`), 0o700);
    }
  }
  assert.equal(await openStateFolder({ env }), path);
});

for (const umask of posix ? ["000", "777"] : []) {
  Deno.test(`openStateFolder makes 0700 when the umask is ${umask}`, async () => {
    using temporary = temporaryFolder();
    const path = `${temporary.path}/hushbook`;
    const result = await runDeno(
      `import { openStateFolder } from "${sourceUrl("src/state/folder.ts")}";
       await openStateFolder({ folder: ${JSON.stringify(path)} });`,
      { umask },
    );
    assert.equal(result.code, 0, result.stderr);
    assert.equal(mode(path), 0o700);
  });
}

Deno.test({
  name: "openStateFolder tightens an own open folder with a notice",
  ignore: !posix,
  async fn() {
    using temporary = temporaryFolder();
    for (const name of ["empty", "hushbook"]) {
      const path = `${temporary.path}/${name}`;
      Deno.mkdirSync(path);
      if (name === "hushbook") Deno.writeTextFileSync(`${path}/lockout.json`, "{}");
      Deno.chmodSync(path, 0o777);
      const notices: string[] = [];
      await openStateFolder({ folder: path, onNotice: (notice) => notices.push(notice) });
      assert.equal(mode(path), 0o700);
      assert.deepEqual(notices, [
        `Tightened ${path} from mode 0777 to 0700: it holds private files`,
      ]);
      await openStateFolder({ folder: path, onNotice: () => assert.fail("told twice") });
    }
  },
});

Deno.test({
  name: "openStateFolder refuses to close a shared folder that holds other files",
  ignore: !posix,
  async fn() {
    using temporary = temporaryFolder();
    Deno.chmodSync(temporary.path, 0o755);
    const path = `${temporary.path}/shared`;
    Deno.mkdirSync(path);
    Deno.writeTextFileSync(`${path}/somebody.txt`, "");
    Deno.chmodSync(path, 0o1777);
    await assert.rejects(openStateFolder({ folder: path }), {
      code: "state-open-folder",
      message: /mode 1777.*chmod 700/,
    });
    assert.equal(mode(path), 0o777);
    // Within a folder that is closed already, nobody can miss it.
    Deno.chmodSync(temporary.path, 0o700);
    await openPrivateFolder(path);
    assert.equal(mode(path), 0o700);
  },
});

Deno.test({
  name: "openStateFolder refuses a symbolic link and a file",
  ignore: !posix,
  async fn() {
    using temporary = temporaryFolder();
    const target = `${temporary.path}/target`;
    Deno.mkdirSync(target);
    Deno.chmodSync(target, 0o755);
    Deno.symlinkSync(target, `${temporary.path}/link`);
    Deno.writeTextFileSync(`${temporary.path}/file`, "");
    for (const [name, reason] of [["link", /a symbolic link/], ["file", /not a folder/]] as const) {
      await assert.rejects(openStateFolder({ folder: `${temporary.path}/${name}` }), {
        code: "state-not-a-file",
        message: reason,
      });
    }
    assert.equal(mode(target), 0o755);
  },
});

Deno.test({
  name: "openStateFolder refuses another user's folder",
  ignore: !posix,
  async fn() {
    using temporary = temporaryFolder();
    let path = "/";
    if (Deno.uid() === 0) {
      path = `${temporary.path}/hushbook`;
      Deno.mkdirSync(path);
      Deno.chownSync(path, 12345, null);
    }
    await assert.rejects(openStateFolder({ folder: path }), { code: "state-foreign-owner" });
  },
});
