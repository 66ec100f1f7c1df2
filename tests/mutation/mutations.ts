/** The lines whose loss would be worst, each changed in the way it is most likely to break. */

/** One change of one line, and the tests that must notice. */
export interface Mutation {
  /** What the line is there for. */
  readonly guards: string;
  /** The text, found exactly once in src/ and scripts/. */
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
    from: `host.endsWith(".huggingface.co")`,
    to: `host.endsWith("huggingface.co")`,
    tests: ["tests/door/origins_test.ts"],
  },
  {
    guards: "the token is not put into a request to a foreign origin",
    from: "if (!origins.allows(url)) {",
    to: "if (false) {",
    tests: ["tests/door/door_test.ts"],
  },
  {
    guards: "a redirect to a foreign origin takes no credentials along",
    from: "if (!origins.allows(target)) {",
    to: "if (false) {",
    tests: ["tests/door/redirect_property_test.ts", "tests/door/door_test.ts"],
  },
  {
    guards: "a secret does not show its value",
    from: "return `Secret(${BEGINNINGS[this.#kind]} ${this.fingerprint})`;",
    to: "return `Secret(${BEGINNINGS[this.#kind]} ${this.fingerprint} ${this.#value})`;",
    tests: ["tests/secret/secret_test.ts"],
  },
  {
    guards: "what stands between removed members is kept",
    from: "end: keptEnd < 0 ? item.start : items[index - 1]!.end",
    to: "end: item.start",
    tests: ["tests/notebook/strip_test.ts", "tests/notebook/strip_property_test.ts"],
  },
  {
    guards: "what stands between removed members is kept, where the last ones go",
    from: "} else if (from >= 0) {",
    to: "} else if (from < 0) {",
    tests: ["tests/notebook/strip_test.ts", "tests/notebook/strip_property_test.ts"],
  },
  {
    guards: "a commit with a finding or a notebook that is not understood is refused",
    from: "if (seen.findings.length > 0 || seen.problems.length > 0)",
    to: "if (seen.findings.length > 0 && seen.problems.length > 0)",
    tests: ["tests/git/commit_refusal_test.ts"],
  },
  {
    guards: "a check that failed refuses the commit",
    from: `io.err(failedClosed("commit", error));
    return 3;
  }
}

/** Says and records what was decided.`,
    to: `io.err(failedClosed("commit", error));
    return 0;
  }
}

/** Says and records what was decided.`,
    tests: ["tests/git/commit_refusal_test.ts"],
  },
  {
    guards: "a hook that finds no Deno refuses the commit",
    from: `cannot check this \${push ? "push" : "commit"}: $1" >&2\`,
    "  exit 1",`,
    to: `cannot check this \${push ? "push" : "commit"}: $1" >&2\`,
    "  exit 0",`,
    tests: ["tests/git/install_test.ts", "tests/git/commit_refusal_test.ts"],
  },
  {
    guards: "five wrong passphrases lock, not six",
    from: "locks = failures >= this.#most;",
    to: "locks = failures > this.#most;",
    tests: ["tests/token/lockout_test.ts"],
  },
  {
    guards: "a clock turned back does not unlock for longer, nor at once",
    from: "if (entry.until > latest) state[name] = { ...entry, until: latest };",
    to: "if (entry.until > latest) delete state[name];",
    tests: ["tests/token/lockout_test.ts"],
  },
  {
    guards: "a record that does not follow the one before is told",
    from: "if (before !== null && here.seq === before.seq + 1 && here.prev !== before.mac) {",
    to: "if (before !== null && here.seq === before.seq + 1 && here.prev === -2) {",
    tests: ["tests/audit/verify_test.ts"],
  },
  {
    guards: "a record without the key's MAC is told",
    from: "const authentic = end !== null && sign(signedPart(bytes)) === end.mac;",
    to: "const authentic = end !== null;",
    tests: ["tests/audit/verify_test.ts"],
  },
  {
    guards: "an envelope that is too easy to guess is refused",
    from: "if (rounds as number < LEAST_ROUNDS)",
    to: "if (rounds as number < 0)",
    tests: ["tests/token/envelope_test.ts"],
  },
  {
    guards: "an envelope of another algorithm is refused before anything is derived",
    from: "if (header.alg !== ALGORITHM)",
    to: "if (header.alg === undefined)",
    tests: ["tests/token/envelope_test.ts"],
  },
  {
    guards: "a notebook that somebody changed meanwhile is not overwritten",
    from: "if (!may) remove(temporary);\n  return may;",
    to: "return true;",
    tests: ["tests/notebook/replace_test.ts"],
  },
  {
    guards: "a private file is for its owner alone",
    from: "await Deno.chmod(temporary, 0o600);",
    to: "await Deno.chmod(temporary, 0o644);",
    tests: ["tests/state/private_file_test.ts"],
  },
  {
    guards: "no window holds more calls than the limit",
    from: "let time = log.newest(limit - (place - 1) % limit) + spanMs;",
    to: "let time = log.newest(limit + 1 - (place - 1) % limit) + spanMs;",
    tests: ["tests/limits/sliding_window_test.ts"],
  },
  {
    guards: "a damaged ring file is not believed",
    from: "this.#words[At.Check] === this.#check() &&",
    to: "",
    tests: ["tests/limits/file_home_test.ts"],
  },
  {
    guards: "an entry of .hushbook-allow ends with its last day",
    from: "return until !== undefined && until < this.#today;",
    to: "return until !== undefined && until > this.#today;",
    tests: ["tests/notebook/allow_test.ts"],
  },
  {
    guards: "an entry of .hushbook-allow is for its paths only",
    from: "if (entry.fingerprint !== finding.fingerprint || !matches(path)) continue;",
    to: "if (entry.fingerprint !== finding.fingerprint) continue;",
    tests: ["tests/notebook/allow_test.ts"],
  },
  {
    guards: "a token is not written into the audit log",
    from: "else if (checked !== undefined && !holdsToken(checked)) fields[name] = checked;",
    to: "else if (checked !== undefined) fields[name] = checked;",
    tests: ["tests/audit/allow_list_test.ts"],
  },
  {
    guards: "a registered secret is masked",
    from: "return secretSet().mask(text);",
    to: "return text;",
    tests: ["tests/kernel/mask/secrets_test.ts"],
  },
];

const ROOT = new URL("../../", import.meta.url).pathname;

/** The paths of all sources, from the project's folder. */
async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${ROOT}${folder}`)) {
    if (isDirectory) found.push(...await sources(`${folder}/${name}`));
    else if (name.endsWith(".ts")) found.push(`${folder}/${name}`);
  }
  return found;
}

/** The file that each mutation changes; throws for a text that is not there exactly once. */
export async function locate(mutations: readonly Mutation[]): Promise<Map<Mutation, string>> {
  const paths = [...await sources("src"), ...await sources("scripts")];
  const texts = new Map<string, string>();
  for (const path of paths) texts.set(path, await Deno.readTextFile(`${ROOT}${path}`));
  return new Map(mutations.map((mutation) => {
    const holding = paths.filter((path) => texts.get(path)!.includes(mutation.from));
    const [path] = holding;
    if (holding.length !== 1 || texts.get(path!)!.split(mutation.from).length !== 2) {
      throw new Error(`In ${holding.join(", ") || "no file"}, not once in one: ${mutation.from}`);
    }
    return [mutation, path!];
  }));
}
