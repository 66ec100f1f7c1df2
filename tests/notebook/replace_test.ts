// deno-lint-ignore-file no-sync-fn-in-async-fn -- small files, in a test
import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import type { FileError } from "../../src/errors.ts";
import { readVersion } from "../../src/notebook/file.ts";
import {
  isTemporaryName,
  removeLeftover,
  replaceVersion,
  replaceVersionLater,
} from "../../src/notebook/replace.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("replaceVersion keeps the mode, follows a symbolic link and leaves nothing behind", () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/real`);
  const path = `${folder.path}/real/a.ipynb`;
  const link = `${folder.path}/link.ipynb`;
  for (const mode of [0o644, 0o600, 0o755, 0o664]) {
    Deno.writeTextFileSync(path, "old");
    Deno.chmodSync(path, mode);
    equal(replaceVersion(readVersion(path), encode("new")), true);
    equal(Deno.readTextFileSync(path), "new");
    equal(Deno.statSync(path).mode! & 0o7777, mode);
  }
  Deno.symlinkSync("real/a.ipynb", link);
  equal(replaceVersion(readVersion(link), encode("through the link")), true);
  ok(Deno.lstatSync(link).isSymlink);
  equal(Deno.readTextFileSync(path), "through the link");
  deepEqual(names(folder.path), ["link.ipynb", "real"]);
  deepEqual(names(`${folder.path}/real`), ["a.ipynb"]);
});

const CHANGES: Record<string, (path: string) => void> = {
  "an editor saves in place": (path) => Deno.writeTextFileSync(path, "abd"),
  "an editor renames a new file over it": (path) => {
    Deno.writeTextFileSync(`${path}~`, "abd");
    Deno.renameSync(`${path}~`, path);
  },
  "a file grows": (path) => Deno.writeTextFileSync(path, "d", { append: true }),
};

for (const [name, change] of Object.entries(CHANGES)) {
  for (const age of [0, 3_600_000]) {
    Deno.test(`replaceVersion writes nothing when ${name} (last saved ${age} ms ago)`, () => {
      using folder = temporaryFolder();
      const path = `${folder.path}/a.ipynb`;
      Deno.writeTextFileSync(path, "abc");
      const then = new Date(Date.now() - age);
      Deno.utimeSync(path, then, then);
      const version = readVersion(path);
      equal(
        replaceVersion(version, encode("x"), { beforeRename: () => change(path) }),
        false,
      );
      ok(Deno.readTextFileSync(path).startsWith("ab"));
      ok(Deno.readTextFileSync(path).endsWith("d"));
      deepEqual(names(folder.path), ["a.ipynb"]);
    });
  }
}

Deno.test("replaceVersion replaces a file that was only touched", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  Deno.writeTextFileSync(path, "abc");
  const version = readVersion(path);
  Deno.utimeSync(path, new Date(), new Date(0));
  equal(replaceVersion(version, encode("x")), true);
});

Deno.test("replaceVersion refuses a read-only file and leaves it as it was", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  Deno.writeTextFileSync(path, "abc");
  Deno.chmodSync(path, 0o444);
  throws(
    () => replaceVersion(readVersion(path), encode("x")),
    (error: FileError) => error.code === "file-unwritable" && /chmod u\+w/.test(error.message),
  );
  equal(Deno.readTextFileSync(path), "abc");
  deepEqual(names(folder.path), ["a.ipynb"]);
});

Deno.test("replaceVersion starts again when its temporary file is taken away", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  Deno.writeTextFileSync(path, "abc");
  let times = 0;
  const takeAway = () => {
    if (times++ > 1) return;
    const temporary = names(folder.path).find(isTemporaryName)!;
    Deno.removeSync(`${folder.path}/${temporary}`);
  };
  equal(replaceVersion(readVersion(path), encode("x"), { beforeRename: takeAway }), true);
  equal(Deno.readTextFileSync(path), "x");
  equal(times, 3);
});

Deno.test("replaceVersionLater replaces many files that wait for the disk together", async () => {
  using folder = temporaryFolder();
  const paths = Array.from({ length: 50 }, (_, index) => `${folder.path}/${index}.ipynb`);
  for (const path of paths) Deno.writeTextFileSync(path, "old");
  const versions = paths.map((path) => readVersion(path));
  Deno.writeTextFileSync(paths[7]!, "an editor's");
  const done = await Promise.all(
    versions.map((version) => replaceVersionLater(version, encode("new"))),
  );
  deepEqual(done.flatMap((written, index) => written ? [] : [index]), [7]);
  for (const [index, path] of paths.entries()) {
    equal(Deno.readTextFileSync(path), index === 7 ? "an editor's" : "new");
  }
  equal(names(folder.path).length, 50);
  Deno.chmodSync(paths[0]!, 0o444);
  await rejects(() => replaceVersionLater(readVersion(paths[0]!), encode("x")), /read-only/);
});

Deno.test("removeLeftover removes what a killed writer left, and nothing that is being written", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  const leftover = `${folder.path}/.hushbook-${crypto.randomUUID()}.tmp`;
  Deno.writeTextFileSync(path, "abc");
  Deno.writeTextFileSync(leftover, "half a noteb");
  const tidy = () => {
    for (const name of names(folder.path)) {
      if (isTemporaryName(name)) removeLeftover(`${folder.path}/${name}`);
    }
  };
  equal(replaceVersion(readVersion(path), encode("x"), { beforeRename: tidy }), true);
  equal(Deno.readTextFileSync(path), "x");
  deepEqual(names(folder.path), ["a.ipynb"]);
  equal(isTemporaryName("a.ipynb"), false);
  equal(isTemporaryName(".hushbook-notes.tmp"), false);
});

/** Starts a process that replaces the file without end, and waits until it has begun. */
async function replaceForever(path: string, ...letters: string[]): Promise<Deno.ChildProcess> {
  const script = new URL("./replace_forever.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-check",
      "--allow-read",
      "--allow-write",
      script,
      path,
      ...letters,
    ],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return child;
}

/** The file is one letter, 400,000 times; anything else is a torn file. */
function wholeLetter(path: string): string {
  const text = Deno.readTextFileSync(path);
  equal(text, text[0]!.repeat(400_000));
  return text[0]!;
}

Deno.test("replaceVersion leaves the old file or the new one when it is killed at any moment", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  await Deno.writeTextFile(path, "a".repeat(400_000));
  let leftovers = 0;
  // On a busy machine most are killed before they write: more are tried until one was hit.
  for (let round = 0; round < 20 || (leftovers === 0 && round < 200); round++) {
    const child = await replaceForever(path, "b", "c");
    await new Promise((resolve) => setTimeout(resolve, 1 + (round * 7) % 23));
    child.kill("SIGKILL");
    await child.status;
    ok("abc".includes(wholeLetter(path)));
    for (const name of names(folder.path)) {
      if (name === "a.ipynb") continue;
      ok(isTemporaryName(name), name);
      leftovers++;
      removeLeftover(`${folder.path}/${name}`);
    }
    deepEqual(names(folder.path), ["a.ipynb"]);
  }
  ok(leftovers > 0, "no kill hit a write: the test proves nothing");
});

Deno.test("replaceVersion does no harm when two processes write the same file", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  await Deno.writeTextFile(path, "a".repeat(400_000));
  const writers = await Promise.all([
    replaceForever(path, "b", "c"),
    replaceForever(path, "d", "e"),
  ]);
  const seen = new Set<boolean>();
  for (let round = 0; round < 50 || (round < 2_000 && seen.size < 2); round++) {
    seen.add("de".includes(wholeLetter(path)));
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  for (const child of writers) child.kill("SIGKILL");
  await Promise.all(writers.map((child) => child.status));
  ok("bcde".includes(wholeLetter(path)));
  equal(seen.size, 2, "one of the two never got to write");
});
