// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { main } from "../../scripts/hushbook.ts";
import { AuditLog } from "../../src/audit/log.ts";
import { recordedIo } from "../kit/io.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const DAY = 86_400_000;

/** Runs `hushbook audit …` on a folder. */
async function audit(folder: string, ...args: string[]) {
  const io = recordedIo({ env: { HUSHBOOK_HOME: folder } });
  const code = await main(["audit", ...args], io);
  return { code, out: io.stdout, err: io.stderr };
}

async function fill(folder: string): Promise<void> {
  let now = Date.now() - 100 * DAY;
  using log = new AuditLog({ folder, now: () => now });
  await log.append({ event: "token.load", outcome: "ok", source: "env:HF_TOKEN" });
  now = Date.now() - 3 * 3_600_000;
  await log.append({
    event: "inference.end",
    outcome: "failed",
    "gen_ai.request.model": "a/b",
    "http.response.status_code": 429,
  });
  now = Date.now();
  await log.append({ event: "token.reveal", outcome: "ok" });
}

Deno.test("audit show prints records, oldest first, in columns", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  await fill(folder);
  const { code, out, err } = await audit(folder, "show");
  assert.deepEqual([code, err], [0, ""]);
  const lines = out.trimEnd().split("\n");
  assert.equal(lines.length, 4);
  assert.match(
    lines[1]!,
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}#2 {2}token\.load {5}ok {6}source=env:HF_TOKEN$/,
  );
  assert.match(lines[2]!, / {2}#3 {2}inference\.end {2}failed {2}model=a\/b status=429$/);
});

Deno.test("audit show filters by event, outcome, time and number, and gives the file's lines as JSON", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  await fill(folder);
  const seqs = async (...args: string[]) =>
    (await audit(folder, "show", "--json", ...args)).out.split("\n").slice(0, -1).map((line) =>
      JSON.parse(line).seq
    );
  assert.deepEqual(await seqs(), [1, 2, 3, 4]);
  assert.deepEqual(await seqs("--event", "token."), [2, 4]);
  assert.deepEqual(await seqs("--event", "token.load", "--event=inference.end"), [2, 3]);
  assert.deepEqual(await seqs("--outcome", "failed"), [3]);
  assert.deepEqual(await seqs("--since", "7d"), [3, 4]);
  assert.deepEqual(await seqs("--since", "7d", "--until", "2h"), [3]);
  assert.deepEqual(await seqs("--until", new Date(Date.now() - DAY).toISOString()), [1, 2]);
  assert.deepEqual(await seqs("--limit", "2"), [3, 4]);
  assert.deepEqual(await seqs("--limit", "0"), [1, 2, 3, 4]);
  const { out } = await audit(folder, "show", "--json");
  assert.equal(out, Deno.readTextFileSync(`${folder}/audit.jsonl`));
});

Deno.test("audit show prints nothing that steers the terminal, though somebody wrote it into the file", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  await fill(folder);
  const path = `${folder}/audit.jsonl`;
  const text = Deno.readTextFileSync(path);
  Deno.writeTextFileSync(path, text.replace("env:HF_TOKEN", "x\\u001b[2J\\u009b1m\\r\\n\u202e"));
  for (const args of [["show"], ["show", "--json"], ["verify"], ["verify", "--json"]]) {
    const { out, err } = await audit(folder, ...args);
    assert.doesNotMatch(out + err, /[^\P{Cc}\n]|\u202e/u, args.join(" "));
    if (args[0] === "show") assert.equal(out.trimEnd().split("\n").length, 4);
  }
});

Deno.test("audit verify exits 0 for a sound log and 1 for another, and names the first bad line", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  await fill(folder);
  const sound = await audit(folder, "verify");
  assert.equal(sound.code, 0);
  assert.match(sound.out, /^4 records in 1 file verify; head 4:[0-9a-f]{64}$/m);
  assert.match(sound.out, /a cut at the end shows only against an anchor/);

  const path = `${folder}/audit.jsonl`;
  const text = Deno.readTextFileSync(path);
  Deno.writeTextFileSync(path, text.replace('_code":429', '_code":200'));
  const bad = await audit(folder, "verify");
  assert.equal(bad.code, 1);
  assert.match(bad.out, /^audit\.jsonl:3: edited: line 3 is not record 3 as it was written$/m);
  assert.match(bad.out, /does NOT verify: 1 problems; 3 records in 1 file/);
  const json = await audit(folder, "verify", "--json");
  assert.equal(json.code, 1);
  const { ok, problems } = JSON.parse(json.out);
  assert.deepEqual([ok, problems[0].kind, problems[0].file, problems[0].line], [
    false,
    "edited",
    "audit.jsonl",
    3,
  ]);
});

Deno.test("audit anchor prints what audit verify --anchor takes, so that a cut shows", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  await fill(folder);
  const { code, out } = await audit(folder, "anchor");
  assert.equal(code, 0);
  const anchor = out.trim();
  assert.equal(JSON.parse((await audit(folder, "anchor", "--json")).out).anchor, anchor);
  assert.equal((await audit(folder, "verify", "--anchor", anchor)).code, 0);
  const path = `${folder}/audit.jsonl`;
  const lines = Deno.readTextFileSync(path).split("\n");
  Deno.writeTextFileSync(path, `${lines.slice(0, 3).join("\n")}\n`);
  assert.equal((await audit(folder, "verify")).code, 0);
  const cut = await audit(folder, "verify", "--anchor", anchor);
  assert.equal(cut.code, 1);
  assert.match(cut.out, /cut: the log ends at record 3, but had reached 4/);
});

Deno.test("audit purge deletes what is older, and the rest verifies", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  await fill(folder);
  const none = await audit(folder, "purge", "--older-than", "365d");
  assert.deepEqual([none.code, none.out], [0, "No record is older than 365d.\n"]);
  const { code, out } = await audit(folder, "purge", "--older-than", "90d");
  assert.deepEqual([code, out], [0, "Deleted 2 records, up to number 2.\n"]);
  const verified = await audit(folder, "verify");
  assert.equal(verified.code, 0);
  assert.match(verified.out, /note: Records up to 2 expired/);
  assert.deepEqual(JSON.parse((await audit(folder, "purge", "--older-than", "1h", "--json")).out), {
    removed: 1,
    through: 3,
  });
});

for (
  const args of [
    [],
    ["list"],
    ["show", "verify"],
    ["show", "--nope"],
    ["show", "--event"],
    ["show", "--event", "nope"],
    ["show", "--outcome", "nope"],
    ["show", "--since", "yesterday"],
    ["show", "--limit", "-1"],
    ["show", "--anchor", "1:0"],
    ["verify", "--anchor", "nope"],
    ["verify", "--event", "token.load"],
    ["purge"],
    ["purge", "--older-than", "90"],
    ["purge", "--older-than", "-1d"],
  ]
) {
  Deno.test(`audit exits 2 and says how when it is called as: audit ${args.join(" ")}`, async () => {
    using temporary = temporaryFolder();
    const { code, out, err } = await audit(`${temporary.path}/hushbook`, ...args);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /^Cannot (?:run audit|purge)/);
  });
}

Deno.test("audit exits 3 and says what to do when the folder is not safe", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  await fill(folder);
  Deno.renameSync(`${folder}/audit.jsonl`, `${folder}/x`);
  Deno.symlinkSync(`${folder}/x`, `${folder}/audit.jsonl`);
  const { code, err } = await audit(folder, "show");
  assert.equal(code, 3);
  assert.match(err, /symbolic link.*remove it/);
});

Deno.test("audit show --follow prints new records until Ctrl-C, with the task's permissions only", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  await fill(folder);
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const [, ...args] = tasks.audit.command.split(" ");
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, "show", "--follow", "--event", "token.", "--limit", "1"],
    cwd: new URL("../..", import.meta.url),
    env: { HUSHBOOK_HOME: folder },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => (await reader.read()).value ?? "";
  assert.match(await next(), /#4 {2}token\.reveal {2}ok\n$/);
  using log = new AuditLog({ folder });
  await log.append({ event: "limit.wait", outcome: "waiting" });
  await log.append({ event: "token.save", outcome: "ok", method: "both" });
  assert.match(await next(), /#6 {2}token\.save {2}ok {2}method=both\n$/);
  child.kill("SIGINT");
  assert.equal(await new Response(child.stderr).text(), "");
  assert.equal((await child.status).code, 0);
  await reader.cancel();
});
