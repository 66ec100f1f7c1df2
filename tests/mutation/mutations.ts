/** The lines whose loss would be worst, each changed in the way it is most likely to break. */

/** One change of one line, and the tests that must notice. */
export interface Mutation {
  /** What the line is there for. */
  readonly guards: string;
  /** The file it is in. */
  readonly file: string;
  /** The text, found exactly once in the file. */
  readonly from: string;
  /** What it becomes. */
  readonly to: string;
  /** Files of tests of which one must fail. */
  readonly tests: readonly string[];
}

/** All mutations, the riskiest first. */
export const MUTATIONS: readonly Mutation[] = [
  {
    guards: "the token goes to Hugging Face and named origins only",
    file: "src/door/origins.ts",
    from: `host.endsWith(".huggingface.co")`,
    to: `host.endsWith("huggingface.co")`,
    tests: ["tests/door/origins_test.ts"],
  },
  {
    guards: "the token is not put into a request to a foreign origin",
    file: "src/door/door.ts",
    from: "if (!origins.allows(url)) {",
    to: "if (false) {",
    tests: ["tests/door/door_test.ts"],
  },
  {
    guards: "a redirect to a foreign origin takes no credentials along",
    file: "src/door/door.ts",
    from: "if (!origins.allows(target)) {",
    to: "if (false) {",
    tests: ["tests/door/redirect_property_test.ts", "tests/door/door_test.ts"],
  },
  {
    guards: "a secret does not show its value",
    file: "src/secret/secret.ts",
    from: "return `Secret(${BEGINNINGS[this.#kind]} ${this.fingerprint})`;",
    to: "return `Secret(${BEGINNINGS[this.#kind]} ${this.fingerprint} ${this.#value})`;",
    tests: ["tests/secret/secret_test.ts"],
  },
  {
    guards: "what stands between removed members is kept",
    file: "src/notebook/cut.ts",
    from: "end: keptEnd < 0 ? item.start : items[index - 1]!.end",
    to: "end: item.start",
    tests: ["tests/notebook/strip_test.ts", "tests/notebook/strip_property_test.ts"],
  },
  {
    guards: "what stands between removed members is kept, where the last ones go",
    file: "src/notebook/cut.ts",
    from: "} else if (from >= 0) {",
    to: "} else if (from < 0) {",
    tests: ["tests/notebook/strip_test.ts", "tests/notebook/strip_property_test.ts"],
  },
  {
    guards: "a commit with a finding or a notebook that is not understood is refused",
    file: "src/git/commit.ts",
    from: "if (seen.findings.length > 0 || seen.problems.length > 0)",
    to: "if (seen.findings.length > 0 && seen.problems.length > 0)",
    tests: ["tests/git/commit_refusal_test.ts"],
  },
  {
    guards: "a check that failed refuses the commit",
    file: "scripts/hook/run.ts",
    from: `io.err(failedClosed("commit", error));
    return 3;`,
    to: `io.err(failedClosed("commit", error));
    return 0;`,
    tests: ["tests/git/commit_refusal_test.ts"],
  },
  {
    guards: "a hook that finds no Deno refuses the commit",
    file: "src/git/hook_text.ts",
    from: `cannot check this \${push ? "push" : "commit"}: $1" >&2\`,
    "  exit 1",`,
    to: `cannot check this \${push ? "push" : "commit"}: $1" >&2\`,
    "  exit 0",`,
    tests: ["tests/git/install_test.ts", "tests/git/commit_refusal_test.ts"],
  },
  {
    guards: "five wrong passphrases lock, not six",
    file: "src/token/lockout.ts",
    from: "locks = failures >= this.#most;",
    to: "locks = failures > this.#most;",
    tests: ["tests/token/lockout_test.ts"],
  },
  {
    guards: "a clock turned back does not unlock for longer, nor at once",
    file: "src/token/lockout.ts",
    from: "if (entry.until > latest) state[name] = { ...entry, until: latest };",
    to: "if (entry.until > latest) delete state[name];",
    tests: ["tests/token/lockout_test.ts"],
  },
  {
    guards: "a record that does not follow the one before is told",
    file: "src/audit/classify.ts",
    from: "if (before !== null && here.seq === before.seq + 1 && here.prev !== before.mac) {",
    to: "if (before !== null && here.seq === before.seq + 1 && here.prev === -2) {",
    tests: ["tests/audit/verify_test.ts"],
  },
  {
    guards: "a record without the key's MAC is told",
    file: "src/audit/verify.ts",
    from: "const authentic = end !== null && sign(signedPart(bytes)) === end.mac;",
    to: "const authentic = end !== null;",
    tests: ["tests/audit/verify_test.ts"],
  },
  {
    guards: "an envelope that is too easy to guess is refused",
    file: "src/token/envelope.ts",
    from: "if (rounds as number < LEAST_ROUNDS)",
    to: "if (rounds as number < 0)",
    tests: ["tests/token/envelope_test.ts"],
  },
  {
    guards: "an envelope of another algorithm is refused before anything is derived",
    file: "src/token/envelope.ts",
    from: "if (header.alg !== ALGORITHM)",
    to: "if (header.alg === undefined)",
    tests: ["tests/token/envelope_test.ts"],
  },
  {
    guards: "a notebook that somebody changed meanwhile is not overwritten",
    file: "src/notebook/replace.ts",
    from: "if (!may) remove(temporary);\n  return may;",
    to: "return true;",
    tests: ["tests/notebook/replace_test.ts"],
  },
  {
    guards: "a private file is for its owner alone",
    file: "src/state/private_file.ts",
    from: "await Deno.chmod(temporary, 0o600);",
    to: "await Deno.chmod(temporary, 0o644);",
    tests: ["tests/state/private_file_test.ts"],
  },
  {
    guards: "no window holds more calls than the limit",
    file: "src/limits/sliding_window.ts",
    from: "let time = log.newest(limit - (place - 1) % limit) + spanMs;",
    to: "let time = log.newest(limit + 1 - (place - 1) % limit) + spanMs;",
    tests: ["tests/limits/sliding_window_test.ts"],
  },
  {
    guards: "a damaged ring file is not believed",
    file: "src/limits/ring_head.ts",
    from: "this.#words[At.Check] === this.#check() &&",
    to: "",
    tests: ["tests/limits/file_home_test.ts"],
  },
  {
    guards: "an entry of .hushbook-allow ends with its last day",
    file: "src/notebook/allow.ts",
    from: "return until !== undefined && until < this.#today;",
    to: "return until !== undefined && until > this.#today;",
    tests: ["tests/notebook/allow_test.ts"],
  },
  {
    guards: "an entry of .hushbook-allow is for its paths only",
    file: "src/notebook/allow.ts",
    from: "if (entry.fingerprint !== finding.fingerprint || !matches(path)) continue;",
    to: "if (entry.fingerprint !== finding.fingerprint) continue;",
    tests: ["tests/notebook/allow_test.ts"],
  },
  {
    guards: "a token is not written into the audit log",
    file: "src/audit/allow_list.ts",
    from: "else if (checked !== undefined && !holdsToken(checked)) fields[name] = checked;",
    to: "else if (checked !== undefined) fields[name] = checked;",
    tests: ["tests/audit/allow_list_test.ts"],
  },
  {
    guards: "a registered secret is masked",
    file: "src/kernel/mask/secrets.ts",
    from: "return secretSet().mask(text);",
    to: "return text;",
    tests: ["tests/kernel/mask/secrets_test.ts"],
  },
];
