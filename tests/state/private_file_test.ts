// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { openPrivateFile } from "../../src/state/open_private_file.ts";
import {
  createPrivateFile,
  readPrivateFile,
  removePrivateFile,
  writePrivateFile,
} from "../../src/state/private_file.ts";
import { openStateFolder } from "../../src/state/folder.ts";
import { needsMount } from "../kit/mount.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { runDeno, sourceUrl, startDeno } from "../kit/child.ts";

const posix = Deno.build.os !== "windows";
const mode = (path: string) => (Deno.lstatSync(path).mode ?? 0) & 0o777;
const bytes = (text: string) => new TextEncoder().encode(text);
const module = sourceUrl("src/state/private_file.ts");

Deno.test("readPrivateFile gives what writePrivateFile wrote, and null when there is none", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/key`;
  assert.equal(await readPrivateFile(path), null);
  for (const text of ["one", "", "three\n"]) {
    await writePrivateFile(path, bytes(text));
    assert.deepEqual(await readPrivateFile(path), bytes(text));
  }
  assert.deepEqual([...Deno.readDirSync(folder.path)].map((entry) => entry.name), ["key"]);
  assert.equal(await removePrivateFile(path), true);
  assert.equal(await removePrivateFile(path), false);
});

for (const umask of posix ? ["000", "777"] : []) {
  Deno.test(`writePrivateFile and openPrivateFile make 0600 when the umask is ${umask}`, async () => {
    using folder = temporaryFolder();
    const result = await runDeno(
      `import { writePrivateFile } from "${module}";
       import { openPrivateFile } from "${sourceUrl("src/state/open_private_file.ts")}";
       await writePrivateFile(${JSON.stringify(`${folder.path}/a`)}, new Uint8Array(3));
       openPrivateFile(${JSON.stringify(`${folder.path}/b`)}, { create: true }).close();`,
      { umask },
    );
    assert.equal(result.code, 0, result.stderr);
    assert.equal(mode(`${folder.path}/a`), 0o600);
    assert.equal(mode(`${folder.path}/b`), 0o600);
  });
}

Deno.test({
  name: "readPrivateFile tightens an own open file with a notice",
  ignore: !posix,
  async fn() {
    using folder = temporaryFolder();
    const path = `${folder.path}/key`;
    Deno.writeTextFileSync(path, "x");
    Deno.chmodSync(path, 0o644);
    const notices: string[] = [];
    await readPrivateFile(path, { onNotice: (notice) => notices.push(notice) });
    assert.deepEqual(notices, [
      `Tightened ${path} from mode 0644 to 0600: other users could reach it`,
    ]);
    assert.equal(mode(path), 0o600);
  },
});

Deno.test({
  name: "private files never follow a symbolic link",
  ignore: !posix,
  async fn() {
    using folder = temporaryFolder();
    const target = `${folder.path}/target`;
    Deno.writeTextFileSync(target, "kept");
    Deno.chmodSync(target, 0o644);
    const path = `${folder.path}/key`;
    Deno.symlinkSync(target, path);
    const refusal = { code: "state-not-a-file", message: /a symbolic link/ };
    await assert.rejects(readPrivateFile(path), refusal);
    assert.throws(() => openPrivateFile(path, { create: true }), refusal);
    await writePrivateFile(path, bytes("new"));
    assert.equal(Deno.readTextFileSync(target), "kept");
    assert.equal(mode(target), 0o644);
    assert.ok(Deno.lstatSync(path).isFile);
    // A dangling link must not create its target either.
    Deno.symlinkSync(`${folder.path}/nowhere`, `${folder.path}/dangling`);
    assert.throws(() => openPrivateFile(`${folder.path}/dangling`, { create: true }), refusal);
    assert.throws(() => Deno.lstatSync(`${folder.path}/nowhere`), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "private files that belong to another user are refused",
  ignore: !posix,
  async fn() {
    using folder = temporaryFolder();
    let path = "/etc/passwd";
    if (Deno.uid() === 0) {
      path = `${folder.path}/key`;
      Deno.writeTextFileSync(path, "x");
      Deno.chownSync(path, 12345, null);
    }
    await assert.rejects(readPrivateFile(path), { code: "state-foreign-owner" });
    await assert.rejects(writePrivateFile(path, bytes("y")), { code: "state-foreign-owner" });
  },
});

Deno.test({
  name: "readPrivateFile refuses a folder and a FIFO, and does not wait for one",
  ignore: !posix,
  async fn() {
    using folder = temporaryFolder();
    await new Deno.Command("mkfifo", { args: [`${folder.path}/fifo`] }).output();
    Deno.mkdirSync(`${folder.path}/folder`);
    for (const name of ["fifo", "folder"]) {
      const refusal = { code: "state-not-a-file", message: /not a regular file/ };
      await assert.rejects(readPrivateFile(`${folder.path}/${name}`), refusal);
      await assert.rejects(writePrivateFile(`${folder.path}/${name}`, bytes("")), refusal);
    }
  },
});

Deno.test("readPrivateFile refuses a file of more than maxBytes", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/big`;
  await writePrivateFile(path, new Uint8Array(101));
  await assert.rejects(readPrivateFile(path, { maxBytes: 100 }), { code: "state-too-large" });
  assert.equal((await readPrivateFile(path, { maxBytes: 101 }))?.length, 101);
});

Deno.test({
  ...needsMount(
    "writePrivateFile says the disk is full, keeps the old bytes and leaves nothing behind",
  ),
  async fn() {
    using folder = temporaryFolder();
    const mount = await new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path],
    }).output();
    assert.ok(mount.success);
    try {
      const path = `${folder.path}/key`;
      await writePrivateFile(path, bytes("old"));
      await assert.rejects(writePrivateFile(path, new Uint8Array(200_000)), {
        code: "state-unwritable",
        message: /the disk is full/,
      });
      assert.deepEqual(await readPrivateFile(path), bytes("old"));
      assert.equal([...Deno.readDirSync(folder.path)].length, 1);
    } finally {
      await new Deno.Command("umount", { args: [folder.path] }).output();
    }
  },
});

Deno.test("writePrivateFile says where it failed when the folder is not there", async () => {
  using folder = temporaryFolder();
  await assert.rejects(writePrivateFile(`${folder.path}/none/key`, bytes("")), {
    code: "state-unwritable",
    message: /none\/key/,
  });
});

Deno.test("writePrivateFile leaves old or new bytes, whole, when it is killed in mid-write", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/hushbook/file`;
  await openStateFolder({ folder: `${folder.path}/hushbook` });
  let torn = 0;
  for (let round = 0; round < 6; round++) {
    const writers = [0, 1].map(() =>
      startDeno(
        `import { writePrivateFile } from "${module}";
         for (let i = 0;; i = (i + 1) % 256) {
           await writePrivateFile(${JSON.stringify(path)}, new Uint8Array(300_000).fill(i));
         }`,
        { piped: false },
      )
    );
    while ((await readPrivateFile(path)) === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 60));
    for (const writer of writers) writer.kill("SIGKILL");
    for (const writer of writers) await writer.status;
    const content = await readPrivateFile(path);
    assert.equal(content?.length, 300_000);
    assert.ok(content.every((byte) => byte === content[0]));
    torn += [...Deno.readDirSync(`${folder.path}/hushbook`)].length - 1;
    assert.equal(mode(path), posix ? 0o600 : 0);
  }
  // The kills are only a test of the sweeping when some of them left a temporary file.
  assert.ok(torn > 0, "no writer was killed in mid-write");
  await openStateFolder({ folder: `${folder.path}/hushbook` });
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/hushbook`)].map((e) => e.name), ["file"]);
});

Deno.test("writePrivateFile loses nothing when many write at once", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/file`;
  await Promise.all(
    Array.from({ length: 50 }, (_, i) => writePrivateFile(path, new Uint8Array(1000).fill(i))),
  );
  const content = await readPrivateFile(path);
  assert.equal(content?.length, 1000);
  assert.equal([...Deno.readDirSync(folder.path)].length, 1);
});

Deno.test("createPrivateFile makes a file once, however many processes try at once", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/key`;
  const code = `import { createPrivateFile } from "${module}";
    const bytes = new Uint8Array(100_000).fill(Deno.pid % 256);
    console.log(createPrivateFile(${JSON.stringify(path)}, bytes));`;
  const results = await Promise.all(Array.from({ length: 5 }, () => runDeno(code)));
  assert.deepEqual(results.map(({ stderr }) => stderr), ["", "", "", "", ""]);
  assert.deepEqual(results.map(({ stdout }) => stdout).sort(), [
    "false\n",
    "false\n",
    "false\n",
    "false\n",
    "true\n",
  ]);
  const content = await readPrivateFile(path);
  assert.ok(content?.length === 100_000 && content.every((byte) => byte === content[0]));
  assert.equal(mode(path), posix ? 0o600 : 0);
  assert.equal([...Deno.readDirSync(folder.path)].length, 1);
});

Deno.test("writers and sweepers do not get in each other's way", async () => {
  using folder = temporaryFolder();
  const sweepers = [0].map(() =>
    startDeno(
      `import { removeLeftovers } from "${sourceUrl("src/state/leftovers.ts")}";
       Deno.stdout.writeSync(new Uint8Array([10]));
       while (true) removeLeftovers(${JSON.stringify(folder.path)});`,
    )
  );
  const readers = sweepers.map(({ stdout }) => stdout.getReader());
  for (const reader of readers) await reader.read();
  try {
    for (let i = 0; i < 60; i++) {
      assert.equal(createPrivateFile(`${folder.path}/made${i}`, bytes("x")), true);
      await writePrivateFile(`${folder.path}/written`, bytes(`${i}`));
    }
    assert.deepEqual(await readPrivateFile(`${folder.path}/written`), bytes("59"));
  } finally {
    for (const sweeper of sweepers) sweeper.kill("SIGKILL");
    for (const sweeper of sweepers) await sweeper.status;
    for (const reader of readers) await reader.cancel();
    for (const sweeper of sweepers) await sweeper.stderr.cancel();
  }
});
