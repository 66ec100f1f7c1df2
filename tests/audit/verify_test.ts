// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { AuditLog } from "../../src/audit/log.ts";
import { hmacSha256 } from "../../src/secret/sha256.ts";
import { seededRandom } from "../kit/tokens.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const SOURCES = ["env:HF_TOKEN", "dotenv", "store", "prompt"];

/** A log of some segments; its lines, in order, each with the file it is in. */
interface Sample {
  readonly folder: string;
  readonly lines: { file: string; text: string }[];
}

async function sample(folder: string, records: number, purged: boolean): Promise<Sample> {
  let now = Date.UTC(2026, 0, 1);
  {
    using log = new AuditLog({ folder, maxBytes: 4096, now: () => now });
    for (let i = 0; i < records; i++) {
      now += 3_600_000;
      await log.append({
        event: "token.load",
        outcome: "ok",
        source: SOURCES[i % 4]!,
        attempts: i,
      });
    }
    if (purged) {
      const { removed } = await log.purge({ olderThanDays: records / 24 / 2 });
      assert.ok(removed > records / 3);
      now += 3_600_000;
      await log.append({ event: "token.load", outcome: "ok" });
    }
  }
  return { folder, lines: read(folder) };
}

function read(folder: string): { file: string; text: string }[] {
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name.endsWith(".jsonl")
  ).sort((a, b) => (a === "audit.jsonl" ? 1 : b === "audit.jsonl" ? -1 : a < b ? -1 : 1));
  return files.flatMap((file) =>
    Deno.readTextFileSync(`${folder}/${file}`).trimEnd().split("\n").map((text) => ({ file, text }))
  );
}

function write({ folder, lines }: Sample): void {
  const files = new Map<string, string>();
  for (const { name } of Deno.readDirSync(folder)) {
    if (name.endsWith(".jsonl")) files.set(name, "");
  }
  for (const { file, text } of lines) files.set(file, `${files.get(file) ?? ""}${text}\n`);
  for (const [file, text] of files) Deno.writeTextFileSync(`${folder}/${file}`, text);
}

const seqOf = (text: string) => Number(/"seq":(\d+)/.exec(text)![1]);
const fakeSign = hmacSha256(new Uint8Array(32).fill(7));

/** Signs lines again from an index on, as somebody without the key must. */
function rechain(lines: { file: string; text: string }[], from: number): void {
  let prev = from === 0 ? "0".repeat(64) : /"mac":"(\w+)"/.exec(lines[from - 1]!.text)![1]!;
  let seq = from === 0 ? 0 : seqOf(lines[from - 1]!.text);
  for (let i = from; i < lines.length; i++) {
    const { mac: _, ...record } = JSON.parse(lines[i]!.text);
    const body = JSON.stringify({ ...record, seq: ++seq, prev }).slice(0, -1);
    prev = fakeSign(new TextEncoder().encode(body));
    lines[i] = { ...lines[i]!, text: `${body},"mac":"${prev}"}` };
  }
}

type Lines = { file: string; text: string }[];

/** Each tampering: what it does at line `i`, and which kinds must be told, the first at line `i`. */
const TAMPERINGS: Record<
  string,
  { does: (lines: Lines, i: number, random: () => number) => void; kinds: string[] }
> = {
  "edits a field": {
    does: (lines, i) => {
      lines[i]!.text = lines[i]!.text.replace('"outcome":"ok"', '"outcome":"failed"');
    },
    kinds: ["edited"],
  },
  "edits a byte": {
    does: (lines, i, random) => {
      const { text } = lines[i]!;
      const at = 1 + Math.floor(random() * (text.length - 2));
      const other = text[at] === "x" ? "y" : "x";
      lines[i]!.text = text.slice(0, at) + other + text.slice(at + 1);
    },
    kinds: ["edited"],
  },
  "edits the number": {
    does: (lines, i) => {
      lines[i]!.text = lines[i]!.text.replace(/"seq":\d+/, '"seq":99999');
    },
    kinds: ["edited"],
  },
  "replaces a line by junk": {
    does: (lines, i) => void (lines[i]!.text = "junk"),
    kinds: ["edited"],
  },
  "adds white space": {
    does: (lines, i) => void (lines[i]!.text += "\r"),
    kinds: ["edited"],
  },
  "edits and signs again without the key": {
    does: (lines, i) => {
      lines[i]!.text = lines[i]!.text.replace('"outcome":"ok"', '"outcome":"failed"');
      rechain(lines, i);
    },
    kinds: ["edited"],
  },
  "inserts junk": {
    does: (lines, i) => void lines.splice(i, 0, { file: lines[i]!.file, text: "junk" }),
    kinds: ["inserted"],
  },
  "inserts an empty line": {
    does: (lines, i) => void lines.splice(i, 0, { file: lines[i]!.file, text: "" }),
    kinds: ["inserted"],
  },
  "inserts a record signed without the key": {
    does: (lines, i) => {
      const inserted = lines.slice(0, i + 1);
      inserted.push({ ...lines[i]! });
      rechain(inserted, i + 1);
      lines.splice(i, 0, inserted.at(-1)!);
    },
    kinds: ["inserted"],
  },
  "inserts a copy of the line before": {
    does: (lines, i) => void lines.splice(i, 0, { ...lines[i - 1]! }),
    kinds: ["inserted"],
  },
  "deletes a line": {
    does: (lines, i) => void lines.splice(i, 1),
    kinds: ["deleted"],
  },
  "deletes a line and signs again without the key": {
    does: (lines, i) => {
      lines.splice(i, 1);
      rechain(lines, i);
    },
    kinds: ["edited"],
  },
  "moves a line": {
    does: (lines, i) => {
      const [moved] = lines.splice(i, 1);
      const to = Math.min(lines.length - 1, i + 3);
      lines.splice(to, 0, { ...moved!, file: lines[to]!.file });
    },
    kinds: ["reordered"],
  },
};

for (const purged of [false, true]) {
  const what = purged ? "with expired records" : "of some segments";
  for (const [name, { does, kinds }] of Object.entries(TAMPERINGS)) {
    Deno.test(`verify tells when somebody ${name} in a log ${what}`, async () => {
      using temporary = temporaryFolder();
      const { folder, lines } = await sample(`${temporary.path}/hushbook`, 40, purged);
      const random = seededRandom(name.length + Number(purged));
      using log = new AuditLog({ folder });
      const { ok, problems } = await log.verify();
      assert.equal(ok, true, JSON.stringify(problems));
      for (let round = 0; round < 12; round++) {
        // Not the last line: what is after the last good one needs an anchor.
        const i = 1 + Math.floor(random() * (lines.length - 6));
        const copy = lines.map((line) => ({ ...line }));
        does(copy, i, random);
        if (JSON.stringify(copy) === JSON.stringify(lines)) continue;
        write({ folder, lines: copy });
        const found = await log.verify();
        assert.equal(found.ok, false);
        // Whoever signs again without the key also loses the record that vouches for the purge.
        const problems = found.problems.filter(({ kind, first }) =>
          !(purged && name.includes("signs again") && kind === "deleted" && first === 1)
        );
        const first = problems[0]!;
        assert.deepEqual(
          [...new Set(problems.map(({ kind }) => kind))],
          kinds,
          `line ${i}: ${JSON.stringify(found.problems)}`,
        );
        // The first bad line is named by file and number.
        if (name !== "moves a line") {
          const at = name.startsWith("inserts a copy") ? [i, i - 1] : [i];
          assert.ok(
            at.some((index) =>
              copy[index]?.file === first.file &&
              copy.filter(({ file }, k) => file === first.file && k <= index).length === first.line
            ),
            `line ${i}: ${JSON.stringify(first)}`,
          );
        }
        assert.match(first.message, /lines? \d+/);
      }
      write({ folder, lines });
      assert.equal((await log.verify()).ok, true);
    });
  }
}

Deno.test("verify tells when a whole segment is missing, and that a purged one is not", async () => {
  using temporary = temporaryFolder();
  const { folder, lines } = await sample(`${temporary.path}/hushbook`, 60, false);
  using log = new AuditLog({ folder });
  const files = [...new Set(lines.map(({ file }) => file))];
  assert.ok(files.length >= 4);
  for (const file of files.slice(0, -1)) {
    const bytes = Deno.readFileSync(`${folder}/${file}`);
    Deno.removeSync(`${folder}/${file}`);
    const { problems } = await log.verify();
    const own = lines.filter((line) => line.file === file).map(({ text }) => seqOf(text));
    assert.deepEqual(
      problems.map(({ kind, first, last, line }) => [kind, first, last, line]),
      [["deleted", own[0], own.at(-1), 1]],
    );
    Deno.writeFileSync(`${folder}/${file}`, bytes);
  }
  // Two segments that changed names.
  Deno.renameSync(`${folder}/${files[0]}`, `${folder}/x`);
  Deno.renameSync(`${folder}/${files[1]}`, `${folder}/${files[0]}`);
  Deno.renameSync(`${folder}/x`, `${folder}/${files[1]}`);
  const swapped = await log.verify();
  assert.ok(swapped.problems.every(({ kind }) => kind === "reordered"));
  assert.equal(swapped.ok, false);
});

Deno.test("verify tells of a file whose line ends were converted in one problem a file", async () => {
  using temporary = temporaryFolder();
  const { folder, lines } = await sample(`${temporary.path}/hushbook`, 40, false);
  write({ folder, lines: lines.map(({ file, text }) => ({ file, text: `${text}\r` })) });
  using log = new AuditLog({ folder });
  const { problems } = await log.verify();
  const files = [...new Set(lines.map(({ file }) => file))];
  assert.deepEqual(
    problems.map(({ kind, file, line }) => [kind, file, line]),
    files.map((file) => ["edited", file, 1]),
  );
  assert.match(
    problems[0]!.message,
    /^lines 1 to \d+ are not records 1 to \d+ as they were written$/,
  );
});

Deno.test("verify finds cuts, rewrites and foreign logs against an anchor", async () => {
  using temporary = temporaryFolder();
  const { folder, lines } = await sample(`${temporary.path}/hushbook`, 30, false);
  using log = new AuditLog({ folder });
  const anchor = await log.anchor();
  assert.match(anchor, /^\d+:[0-9a-f]{64}$/);
  assert.equal((await log.verify({ anchor })).ok, true);
  await log.append({ event: "token.load", outcome: "ok" });
  assert.equal((await log.verify({ anchor: ` ${anchor.toUpperCase()}\n` })).ok, true);

  for (const keep of [lines.length - 1, lines.length - 12, 1]) {
    for (const file of new Set(read(folder).map(({ file }) => file))) {
      Deno.removeSync(`${folder}/${file}`);
    }
    write({ folder, lines: lines.slice(0, keep) });
    assert.equal((await log.verify()).ok, true, "a cut alone does not show: that is the limit");
    const { problems } = await log.verify({ anchor });
    assert.deepEqual(problems.map(({ kind, first, last }) => [kind, first, last]), [
      ["cut", keep + 1, Number(anchor.split(":")[0])],
    ]);
  }
  // Somebody with the key rewrites everything: only the anchor tells.
  const key = Uint8Array.fromHex(Deno.readTextFileSync(`${folder}/audit.key`).trim());
  const sign = hmacSha256(key);
  let prev = "0".repeat(64);
  const rewritten = lines.map(({ file, text }) => {
    const { mac: _, ...record } = JSON.parse(text);
    const body = JSON.stringify({ ...record, prev, outcome: "failed" }).slice(0, -1);
    prev = sign(new TextEncoder().encode(body));
    return { file, text: `${body},"mac":"${prev}"}` };
  });
  write({ folder, lines: rewritten });
  assert.equal((await log.verify()).ok, true, "whoever has the key can rewrite: that is the limit");
  assert.deepEqual((await log.verify({ anchor })).problems.map(({ kind }) => kind), ["rewritten"]);
  await assert.rejects(log.verify({ anchor: "42" }), RangeError);
});

Deno.test("verify tells when an old copy of the log was put back and mixed with the new one", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const path = `${folder}/audit.jsonl`;
  const load = async (source: string) => {
    using log = new AuditLog({ folder });
    await log.append({ event: "token.load", outcome: "ok", source });
  };
  await load("a");
  const old = Deno.readTextFileSync(path);
  for (const source of ["b", "c", "d"]) await load(source);
  const first = Deno.readTextFileSync(path).split("\n");
  Deno.writeTextFileSync(path, old);
  for (const source of ["e", "f", "g"]) await load(source);
  const second = Deno.readTextFileSync(path).split("\n");
  Deno.writeTextFileSync(path, [...first.slice(0, 3), ...second.slice(3)].join("\n"));
  using log = new AuditLog({ folder });
  const { problems } = await log.verify();
  assert.deepEqual(problems.map(({ kind, line }) => [kind, line]), [["spliced", 4]]);
});

Deno.test("verify counts calls without an end, and says nothing of a log that was never written", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  using log = new AuditLog({ folder });
  const { ok, records, segments, head } = await log.verify();
  assert.deepEqual([ok, records, segments, head.seq], [true, 0, [], 0]);
  assert.throws(() => Deno.lstatSync(folder), Deno.errors.NotFound);
  const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
  await log.append({ event: "inference.start", outcome: "started", id: one });
  await log.append({ event: "inference.start", outcome: "started", id: two });
  await log.append({ event: "inference.end", outcome: "ok", id: one });
  assert.equal((await log.verify()).unfinished, 1);
});

Deno.test("anchor refuses to vouch for a log that does not verify", async () => {
  using temporary = temporaryFolder();
  const { folder, lines } = await sample(`${temporary.path}/hushbook`, 5, false);
  lines.splice(2, 1);
  write({ folder, lines });
  using log = new AuditLog({ folder });
  await assert.rejects(log.anchor(), { code: "audit-broken", message: /record 3 is missing/ });
});

Deno.test("verify tells how much of a long log is done", async () => {
  using temporary = temporaryFolder();
  const { folder } = await sample(`${temporary.path}/hushbook`, 60, false);
  using log = new AuditLog({ folder });
  const steps: number[] = [];
  await log.verify({ onProgress: (done) => steps.push(done) });
  assert.ok(steps.length > 3 && steps.every((step, i) => step > (steps[i - 1] ?? 0)));
  assert.equal(steps.at(-1), 1);
});
