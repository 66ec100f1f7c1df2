import assert from "node:assert/strict";
import { main } from "../../scripts/hushbook.ts";
import { sourceUrl } from "../kit/child.ts";
import { recordedIo } from "../kit/io.ts";
import { temporaryFolder } from "../kit/temporary.ts";

Deno.test("hushbook explains itself and exits 0 when asked for help", async () => {
  const io = recordedIo();
  assert.equal(await main(["--help"], io), 0);
  assert.match(io.stdout, /^Usage: hushbook COMMAND/);
});

Deno.test("hushbook exits 2 when the command is unknown, without repeating the word", async () => {
  const io = recordedIo();
  const typed = "hf" + "_pastedByMistake";
  assert.equal(await main([typed], io), 2);
  assert.equal(io.stdout, "");
  assert.ok(!io.stderr.includes(typed));
});

Deno.test("hushbook.ts loads no package and few modules before it knows the command", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-lock", "scripts/hushbook.ts"],
    cwd: new URL(sourceUrl(".")),
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { kind: string; specifier: string }[];
  };
  const packages = modules.filter(({ kind }) => kind === "npm" || kind === "npmPackage");
  assert.deepEqual(packages.map(({ specifier }) => specifier), []);
  const heavy = modules.filter(({ specifier }) =>
    /\/src\/(?:inference|security)\//.test(specifier)
  );
  assert.deepEqual(heavy.map(({ specifier }) => specifier), []);
  assert.ok(modules.length > 20, "the commands of git are among them");
});

Deno.test("scrub, scan and audit start in an empty cache without network", async () => {
  using folder = temporaryFolder();
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL(sourceUrl("deno.json"))));
  await Deno.writeTextFile(`${folder.path}/a.md`, "nothing\n");
  for (const args of [["scrub", folder.path], ["scan", folder.path], ["audit", "show"]]) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...tasks[args[0]!].command.split(" ").slice(1), ...args.slice(1)],
      cwd: new URL(sourceUrl(".")),
      clearEnv: true,
      // Whatever would be fetched, fails.
      env: {
        PATH: Deno.env.get("PATH")!,
        HOME: folder.path,
        DENO_DIR: `${folder.path}/cache`,
        HTTPS_PROXY: "http://127.0.0.1:9",
      },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    assert.equal(code, 0, `${args[0]}: ${new TextDecoder().decode(stderr)}`);
  }
});
