import assert from "node:assert/strict";
import { Ajv } from "ajv";
import sarifSchema from "sarif-schema";
import { findTokens } from "../../src/notebook/find.ts";
import {
  formatReport,
  type ReportedFinding,
  type ReportFormat,
  type ScanReport,
} from "../../src/notebook/report.ts";
import { fakeToken } from "../kit/tokens.ts";
import { code, file, notebook, stream } from "../kit/planted/notebook.ts";

const FORMATS: readonly ReportFormat[] = ["text", "json", "sarif", "github"];
const TOKEN = fakeToken(77);
const SUSPECT = ["hf", "abcdefghijklmnopqrstuvwxyzABCDEFGH"].join("_");

/** The schema is of draft 4, whose `id` ajv does not read; it uses nothing else that differs. */
const { id: _id, $schema: _draft, ...schema } = sarifSchema as unknown as Record<string, unknown>;
const formats = { uri: true, "uri-reference": true, "date-time": true } as const;
const validate = new Ajv({ strict: false, formats, unicodeRegExp: false }).compile(schema);

/** One of each: token, suspect, allowed, look-alike, and something that could not be read. */
function report(path = "a dir/ü:b,c%.ipynb"): ScanReport {
  const bytes = file(notebook([
    code([`t = "${TOKEN}"\n`, `u = "${SUSPECT}"\n`], [stream([`${fakeToken(78)}\n`])]),
    code([`v = "${"hf"}_${"x".repeat(34)}"\n`]),
  ]));
  const findings: ReportedFinding[] = findTokens(bytes, { path, notes: true })
    .map((finding) => ({ ...finding, allowed: finding.inOutput, commit: "c".repeat(40) }));
  const entry = { fingerprint: "0".repeat(12), pattern: "x", reason: "y", line: 3 };
  return {
    findings,
    searched: { count: 2, what: "file" },
    failures: [{ path: "gone", message: "Cannot search the file: there is no such file" }],
    allow: { expired: [{ ...entry, until: "2020-01-01" }], unused: [entry] },
  };
}

const NOTHING: ScanReport = {
  findings: [],
  searched: { count: 0, what: "file" },
  failures: [],
  allow: { expired: [], unused: [] },
};

Deno.test("formatReport() shows no part of a token in any format", () => {
  for (const format of FORMATS) {
    const text = formatReport(report(), format, { verbose: true, colour: true });
    for (const secret of [TOKEN, fakeToken(78), SUSPECT]) {
      for (let at = 3; at + 6 <= secret.length; at++) {
        assert.ok(!text.includes(secret.slice(at, at + 6)), format);
      }
    }
  }
});

Deno.test("formatReport() says in text where each finding is, what to do, and sums up", () => {
  const text = formatReport(report(), "text");
  const first = report().findings.find(({ inOutput }) => !inOutput);
  assert.equal(
    text,
    `a dir/ü:b,c%.ipynb:28:12: Hugging Face user access token
    cell 2 (id c0de), cells[1].source, line 1, column 6, entered with commit cccccccccccc
    37 characters, fingerprint ${first!.fingerprint}
a dir/ü:b,c%.ipynb:29:12: Suspected Hugging Face token
    cell 2 (id c0de), cells[1].source, line 2, column 6, entered with commit cccccccccccc
    37 characters, fingerprint 63ae26e9f642
gone: Cannot search the file: there is no such file
.hushbook-allow:3: 000000000000 x: expired, it allows nothing any more
.hushbook-allow:3: 000000000000 x: unused, delete the line

Revoke first, while it is there to be found: hushbook token revoke PATH (shows which, and asks), or
at https://huggingface.co/settings/tokens: whoever has seen the file may have the token.
Elsewhere: remove it, and read it with Deno.env.get("HF_TOKEN") or loadToken().
Not a token? Add its fingerprint, path and a reason to .hushbook-allow.
2 files searched: 1 token, 1 suspect, 1 allowed, 1 not searched.
`,
  );
  assert.equal(formatReport(NOTHING, "text"), "0 files searched: no token.\n");
});

Deno.test("formatReport() names allowed findings and look-alikes when asked, and colours only when asked", () => {
  const plain = formatReport(report(), "text", { verbose: true });
  assert.match(
    plain,
    /Hugging Face user access token \(allowed\)\n.*in an output/,
  );
  assert.match(plain, /Look-alike of a Hugging Face token/);
  assert.match(plain, /1 look-alike/);
  assert.ok(!plain.includes("\x1b"));
  const colour = formatReport(report(), "text", { colour: true });
  assert.ok(colour.includes("\x1b[31mHugging Face user access token\x1b[0m"));
});

Deno.test("formatReport() prints no control character of a path", () => {
  const text = formatReport(report("a\n::error::x\x1b[2Jb\u202e.ipynb"), "text");
  assert.ok(text.startsWith("a\\u000a::error::x\\u001b[2Jb\\u202e.ipynb:28:12: "));
});

Deno.test("formatReport() writes JSON that says of each finding whether it is allowed and fails", () => {
  const value = JSON.parse(formatReport(report(), "json", { failOn: "token" }));
  assert.equal(value.version, 1);
  type Entry = { level: string; allowed: boolean; fails: boolean };
  assert.deepEqual(
    value.findings.map(({ level, allowed, fails }: Entry) => [level, allowed, fails]).sort(),
    [["note", false, false], ["suspect", false, false], ["token", false, true], [
      "token",
      true,
      false,
    ]],
  );
  assert.deepEqual(value.summary, {
    searched: 2,
    tokens: 1,
    suspects: 1,
    allowed: 1,
    notes: 1,
    failures: 1,
  });
});

Deno.test("formatReport() writes SARIF 2.1.0 that validates against the official schema", () => {
  for (
    const one of [
      report(),
      report("/absolute/path.ipynb"),
      report(""),
      report("\ud800.txt"),
      NOTHING,
    ]
  ) {
    const log = JSON.parse(formatReport(one, "sarif"));
    assert.ok(validate(log), JSON.stringify(validate.errors));
  }
  const { results, tool } = JSON.parse(formatReport(report(), "sarif")).runs[0];
  const [first] = results.filter(({ level }: { level: string }) => level === "error");
  assert.equal(
    first.locations[0].physicalLocation.artifactLocation.uri,
    "a%20dir/%C3%BC%3Ab%2Cc%25.ipynb",
  );
  assert.deepEqual(first.locations[0].physicalLocation.region, { startLine: 28, startColumn: 12 });
  assert.equal(tool.driver.rules[first.ruleIndex].id, first.ruleId);
  assert.equal(
    results.filter(({ suppressions }: { suppressions?: unknown }) => suppressions).length,
    1,
  );
  const broken = JSON.parse(formatReport(report(), "sarif"));
  delete broken.runs[0].tool;
  assert.equal(validate(broken), false, "the schema refuses what is no SARIF");
});

Deno.test("formatReport() annotates for GitHub with every special character escaped", () => {
  const lines = formatReport(report(), "github").trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => line.split(" ")[0]).sort(), [
    "::error",
    "::error",
    "::error",
    "::notice",
    "::notice",
    "::warning",
    "::warning",
  ]);
  assert.ok(lines.some((line) =>
    line.startsWith(
      "::error file=a dir/ü%3Ab%2Cc%25.ipynb,line=28,col=12,title=Hugging Face user access token::",
    )
  ));
  assert.equal(formatReport(NOTHING, "github"), "");
});
