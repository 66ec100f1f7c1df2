/** What a person downloads before hushbook does anything for them. */

import assert from "node:assert/strict";
import { ROOT } from "../kit/kernel.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const { imports, tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));

/** A file as it was committed: a test run without --lock may have added to the one that lies there. */
async function committed(path: string): Promise<string> {
  const { stdout } = await new Deno.Command("git", { args: ["show", `HEAD:./${path}`], cwd: ROOT })
    .output();
  return new TextDecoder().decode(stdout);
}

Deno.test({
  ...needs("deno.lock pins what hushbook itself imports and nothing that only tests need", "git"),
  async fn() {
    const { specifiers } = JSON.parse(await committed("deno.lock"));
    const name = (specifier: string) => /^npm:\/?((?:@[^/]+\/)?[^@/]+)/.exec(specifier)?.[1];
    const own = new Set(Object.values<string>(imports).map(name).filter((each) => each));
    // Deno fetches all that the lock file and the imports of deno.json list on first use, whatever is
    // imported: so the packages of tests are files in tests/kit/npm there, and pinned in tests/deno.lock.
    // If a package is too much here, `git checkout deno.lock`, and run with --lock=tests/deno.lock.
    assert.deepEqual(new Set(Object.keys(specifiers).map(name)), own);
  },
});

Deno.test("the README lists every package, and none that is not used, with licence and size", async () => {
  const sources = [...Object.values<string>(imports)];
  for await (const { name } of Deno.readDir(`${ROOT}tests/kit/npm`)) {
    sources.push(await Deno.readTextFile(`${ROOT}tests/kit/npm/${name}`));
  }
  for (const source of ["aws_secrets_manager", "azure_key_vault", "keychain"]) {
    sources.push(await Deno.readTextFile(`${ROOT}src/token/${source}.ts`));
  }
  const used = sources.join("\n").matchAll(/npm:\/?((?:@[\w-]+\/)?[\w-]+)[@"`]/g);
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const listed = readme.matchAll(
    /^\| `([^`]+)` +\| (?:MIT|Apache-2\.0) +\| [\d.]+ MiB, \d+ +\| \S/gm,
  );
  const names = (found: Iterable<RegExpMatchArray>) =>
    [...new Set([...found].map(([, n]) => n))].sort();
  assert.deepEqual(names(listed), names(used));
});

for (const command of ["scrub", "scan", "hook", "audit"]) {
  Deno.test(`${command} runs as deno task and git start it without fetching anything`, async () => {
    const [, flags] = /^deno run (.*) scripts\/hushbook\.ts/.exec(tasks[command].command)!;
    using folder = temporaryFolder();
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--cached-only",
        ...flags!.split(" "),
        "scripts/hushbook.ts",
        command,
        "--help",
      ],
      cwd: ROOT,
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH")!, DENO_DIR: folder.path, NO_COLOR: "1" },
      stdout: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  });
}
