import { deepEqual, equal } from "node:assert/strict";
import { ignoredPaths } from "../../src/git/repository.ts";
import { runGit } from "../../src/git/run.ts";
import { findNotebooks } from "../../src/notebook/paths.ts";
import { repositoryRoot } from "../../src/notebook/repository_root.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";

/** Makes empty files, and the folders they are in. */
function make(folder: string, ...paths: string[]): void {
  for (const path of paths) {
    const file = `${folder}/${path}`;
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(file, "");
  }
}

async function find(cwd: string, ...names: string[]) {
  const found = await findNotebooks(names, { cwd, ignored: ignoredPaths });
  const shown = found.notebooks.map(({ path, checkpoint }) => checkpoint ? `(${path})` : path);
  return { ...found, shown };
}

Deno.test("findNotebooks finds notebooks in folders, without what is not the user's", async () => {
  using folder = temporaryFolder();
  make(
    folder.path,
    "b.ipynb",
    "a.ipynb",
    "notes.md",
    "sub/ü 1.IPYNB",
    "sub/.ipynb_checkpoints/a-checkpoint.ipynb",
    "node_modules/x/x.ipynb",
    ".git-notes/y.ipynb",
    "env/pyvenv.cfg",
    "env/lib/z.ipynb",
    "sub/.hushbook-0a1b2c3d-0000-4000-8000-000000000000.tmp",
  );
  await Deno.symlink(folder.path, `${folder.path}/sub/loop`);
  const all = [
    ".git-notes/y.ipynb",
    "a.ipynb",
    "b.ipynb",
    "(sub/.ipynb_checkpoints/a-checkpoint.ipynb)",
    "sub/ü 1.IPYNB",
  ];
  const found = await find(folder.path, ".");
  deepEqual(found.shown, all);
  deepEqual(found.leftovers, [
    `${folder.path}/sub/.hushbook-0a1b2c3d-0000-4000-8000-000000000000.tmp`,
  ]);
  deepEqual((await find(folder.path)).shown, all); // in no repository: the working folder
  deepEqual((await find(folder.path, "sub/")).shown, all.slice(3));
  equal((await find(folder.path, "sub/ü 1.IPYNB")).leftovers.length, 1); // beside a named file
  deepEqual((await find(`${folder.path}/sub`, "..", ".")).shown, [
    "../.git-notes/y.ipynb",
    "../a.ipynb",
    "../b.ipynb",
    "(../sub/.ipynb_checkpoints/a-checkpoint.ipynb)",
    "../sub/ü 1.IPYNB",
  ]);
  deepEqual(
    (await find(folder.path, `${folder.path}/sub/../a.ipynb`, "a.ipynb", "./b.ipynb")).shown,
    [
      `${folder.path}/sub/../a.ipynb`,
      "./b.ipynb",
    ],
  );
});

Deno.test("findNotebooks takes a named file as it is, and patterns by the rules for folders", async () => {
  using folder = temporaryFolder();
  make(folder.path, "a.ipynb", "x/b.ipynb", "x/y/c.ipynb", "x/d.json", "e[1].ipynb");
  deepEqual((await find(folder.path, "x/d.json")).shown, ["x/d.json"]);
  deepEqual((await find(folder.path, "*.ipynb")).shown, ["a.ipynb", "e[1].ipynb"]);
  deepEqual((await find(folder.path, "e[1].ipynb")).shown, ["e[1].ipynb"]);
  deepEqual((await find(folder.path, "**/*.ipynb")).shown, [
    "a.ipynb",
    "e[1].ipynb",
    "x/b.ipynb",
    "x/y/c.ipynb",
  ]);
  deepEqual((await find(folder.path, "x/*/{b,c}.ipynb")).shown, ["x/y/c.ipynb"]);
  deepEqual((await find(folder.path, `${folder.path}/x/?.ipynb`)).shown, [
    `${folder.path}/x/b.ipynb`,
  ]);
  const none = await find(folder.path, "z*.ipynb", "nowhere/*.ipynb", "gone.ipynb", "a.ipynb");
  deepEqual(none.failures.map(({ path, error }) => [path, error.code]), [
    ["z*.ipynb", "file-missing"],
    ["nowhere/*.ipynb", "file-missing"],
    ["gone.ipynb", "file-missing"],
  ]);
  deepEqual(none.shown, ["a.ipynb"]);
});

Deno.test({
  ...needs(
    "findNotebooks leaves out what git ignores, in the repository and in those inside",
    "git",
  ),
  async fn() {
    using folder = temporaryFolder();
    const { path } = folder;
    make(
      path,
      "a.ipynb",
      "tracked-but-ignored.ipynb",
      "build/x.ipynb",
      "build/.ipynb_checkpoints/x-checkpoint.ipynb",
      "sub/b.ipynb",
      "sub/tmp 1.ipynb",
      "inner/c.ipynb",
      "inner/ignored.ipynb",
      "build/inner/d.ipynb",
    );
    Deno.writeTextFileSync(`${path}/.gitignore`, "build/\ntracked-but-ignored.ipynb\ntmp*\n");
    Deno.writeTextFileSync(`${path}/inner/.gitignore`, "ignored.ipynb\n");
    for (const repository of [path, `${path}/inner`, `${path}/build/inner`]) {
      await runGit(["init", "-q"], { cwd: repository });
    }
    await runGit(["add", "-f", "tracked-but-ignored.ipynb"], { cwd: path });
    const copy = "(build/.ipynb_checkpoints/x-checkpoint.ipynb)";
    const found = await find(path);
    deepEqual(found.shown.toSorted(), [
      copy,
      "a.ipynb",
      "inner/c.ipynb",
      "sub/b.ipynb",
      "tracked-but-ignored.ipynb",
    ]);
    equal(found.ignored, 4);
    // Without a name: the whole repository, from any folder in it.
    deepEqual((await find(`${path}/sub`)).shown.toSorted(), [
      "(../build/.ipynb_checkpoints/x-checkpoint.ipynb)",
      "../a.ipynb",
      "../inner/c.ipynb",
      "../sub/b.ipynb",
      "../tracked-but-ignored.ipynb",
    ]);
    deepEqual((await find(path, "sub")).shown, ["sub/b.ipynb"]);
    // What is named is wanted.
    deepEqual((await find(path, "sub/tmp 1.ipynb")).shown, ["sub/tmp 1.ipynb"]);
    deepEqual((await find(path, "build")).shown.filter((name) => !name.startsWith("(")), [
      "build/x.ipynb",
      "build/inner/d.ipynb",
    ]);
  },
});

Deno.test("repositoryRoot finds the nearest folder with a .git", () => {
  using folder = temporaryFolder();
  make(folder.path, "r/.git", "r/a/b/c.txt");
  equal(repositoryRoot(`${folder.path}/r/a/b`), `${folder.path}/r`);
  equal(repositoryRoot(`${folder.path}/r`), `${folder.path}/r`);
  equal(repositoryRoot("/"), undefined);
});
