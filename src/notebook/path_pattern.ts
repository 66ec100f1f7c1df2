/**
 * Patterns for paths, as `hushbook.json` and the command line use them: the rules of `.gitignore`,
 * plus `{a,b}`.
 *
 * @module
 */

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|\/-]/g, "\\$&");
}

/** One character class: `[a-z]`, `[!a]`. Returns its expression and where it ends, or undefined. */
function characterClass(pattern: string, at: number): { source: string; end: number } | undefined {
  const close = pattern.indexOf("]", at + 2);
  if (close < 0) return undefined;
  const negated = pattern[at + 1] === "!" || pattern[at + 1] === "^";
  const body = pattern.slice(at + (negated ? 2 : 1), close);
  if (body === "" || body.includes("/")) return undefined;
  const source = body.replaceAll(/[\\\]^[]/g, "\\$&");
  return { source: `(?!/)[${negated ? "^" : ""}${source}]`, end: close + 1 };
}

function expression(pattern: string): string {
  let source = "";
  let depth = 0;
  for (let at = 0; at < pattern.length;) {
    const char = pattern[at]!;
    if (pattern.startsWith("**/", at) && (at === 0 || pattern[at - 1] === "/")) {
      source += "(?:[^/]+/)*";
      while (pattern.startsWith("**/", at)) at += 3;
      continue;
    }
    if (pattern.startsWith("**", at)) {
      source += ".*";
      while (pattern[at] === "*") at++;
      continue;
    }
    const set = char === "[" ? characterClass(pattern, at) : undefined;
    if (set !== undefined) {
      source += set.source;
      at = set.end;
      continue;
    }
    at++;
    if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "{" && pattern.includes("}", at)) {
      source += "(?:";
      depth++;
    } else if (char === "}" && depth > 0) {
      source += ")";
      depth--;
    } else if (char === "," && depth > 0) source += "|";
    else source += escaped(char === "\\" ? pattern[at++] ?? char : char);
  }
  return source + ")".repeat(depth);
}

/** Whether a text is a pattern, and not only a path. */
export function isPathPattern(text: string): boolean {
  return /[*?[{]/.test(text);
}

/**
 * Makes a pattern ready for use.
 *
 * A pattern without a slash, or with one at its end only, matches a name at any depth; any other is
 * anchored at the root. A pattern that matches a folder matches all that is in it. `*` and `?` stay
 * within one name, `**` crosses folders, `[a-z]` is one character, `{a,b}` is either. With `exact`
 * the pattern is always anchored, and matches the path itself only.
 *
 * @param pattern For example `gallery/**` or `*.published.ipynb`.
 * @param options `exact` as above, default false.
 * @returns Says whether a path, relative to the root and with `/` between names, matches.
 */
export function pathPattern(
  pattern: string,
  options: { readonly exact?: boolean } = {},
): (path: string) => boolean {
  const { exact = false } = options;
  const trimmed = pattern.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  const anchored = exact || pattern.startsWith("/") || trimmed.includes("/");
  const source = `^${anchored ? "" : "(?:.*/)?"}${expression(trimmed)}${exact ? "" : "(?:/.*)?"}$`;
  const regular = new RegExp(source, "su");
  return (path) => regular.test(path);
}
