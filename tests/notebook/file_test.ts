import { equal, throws } from "node:assert/strict";
import type { FileError, NotebookError } from "../../src/errors.ts";
import {
  type FileVersion,
  isStill,
  pastVersion,
  readContent,
  readVersion,
} from "../../src/notebook/file.ts";
import { temporaryFolder } from "../kit/temporary.ts";

Deno.test("readVersion reads into the given memory when it is large enough", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  Deno.writeTextFileSync(path, "abc");
  const buffer = new Uint8Array(8);
  const small = readVersion(path, buffer);
  equal(new TextDecoder().decode(small.bytes), "abc");
  equal(small.bytes.buffer, buffer.buffer);
  for (const size of [3, 2, 0]) {
    const { bytes } = readVersion(path, new Uint8Array(size));
    equal(new TextDecoder().decode(bytes), "abc");
    equal(new TextDecoder().decode(readContent(path, new Uint8Array(size))), "abc");
  }
  Deno.writeTextFileSync(path, "");
  equal(readVersion(path).bytes.length, 0);
});

Deno.test("readVersion refuses what is no file, and says why", () => {
  using folder = temporaryFolder();
  throws(
    () => readVersion(`${folder.path}/none.ipynb`),
    (error: FileError) =>
      error.code === "file-missing" && /there is no such file/.test(error.message),
  );
  throws(() => readVersion(folder.path), (error: FileError) => error.code === "file-not-regular");
});

Deno.test("readVersion refuses a file over the engine's string limit without reading it", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/huge.ipynb`;
  Deno.openSync(path, { create: true, write: true }).close();
  Deno.truncateSync(path, 2 ** 29); // sparse: takes no space
  for (const read of [() => readVersion(path), () => readContent(path, new Uint8Array(64))]) {
    throws(
      read,
      (error: NotebookError) => error.code === "notebook-too-large" && /537 MB/.test(error.message),
    );
  }
});

/** A version as if its file had last been changed so long before it was read, at such a time. */
function readLater(version: FileVersion, age: number, fraction: number): FileVersion {
  const at = new Date(1_700_000_000_000 + fraction);
  return {
    ...version,
    info: { ...version.info, mtime: at, ctime: at },
    readAt: at.getTime() + age,
  };
}

Deno.test("pastVersion keeps the content only where the file's times may not tell of a change", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  Deno.writeTextFileSync(path, "abc");
  const read = readVersion(path);
  const cases: [age: number, fraction: number, kept: boolean][] = [
    [-5_000, 7, true], // a clock turned back
    [0, 7, true],
    [200, 7, true],
    [400, 7, false],
    [400, 0, true], // perhaps a file system of whole seconds
    [1_999, 0, true],
    [2_500, 0, false],
  ];
  for (const [age, fraction, kept] of cases) {
    const past = pastVersion(readLater(read, age, fraction));
    equal(past.bytes !== undefined, kept, `${age} ms, ${fraction}`);
  }
  const past = pastVersion({ ...read, readAt: read.readAt - 10_000 });
  read.bytes.fill(0); // the memory is used for another file
  equal(isStill(past), true);
  equal(isStill({ ...past, bytes: undefined }), false); // too young, and nothing to compare with
});

Deno.test("isStill sees a change of a file whose content was not kept", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  Deno.writeTextFileSync(path, "abc");
  const version = { ...readVersion(path), readAt: Date.now() + 10_000 };
  const past = pastVersion(version);
  equal(past.bytes, undefined);
  equal(isStill(past), true);
  for (
    const change of [
      () => Deno.writeTextFileSync(path, "abd"),
      () => Deno.truncateSync(path, 0),
      () => Deno.renameSync(path, `${path}.old`) ?? Deno.writeTextFileSync(path, "abc"),
    ]
  ) {
    const before = pastVersion({ ...readVersion(path), readAt: Date.now() + 10_000 });
    const until = Date.now() + 20; // past the clock tick of the file system
    while (Date.now() < until);
    change();
    equal(isStill(before), false);
  }
});
