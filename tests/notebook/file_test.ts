import { equal, throws } from "node:assert/strict";
import type { FileError, NotebookError } from "../../src/errors.ts";
import { readContent, readVersion } from "../../src/notebook/file.ts";
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
