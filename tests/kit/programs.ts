/**
 * Programs that some tests drive for real (git, chromium, redis-server, …). Where one is missing the
 * test is left out, and its name says so; in CI nothing may be left out.
 */

/** Where Debian keeps the modules of /usr/bin/python3. */
const PYTHON_MODULES = "/usr/lib/python3/dist-packages";

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Whether a program is on the PATH, or the module of a Debian package such as `python3-jwcrypto` there. */
export function hasProgram(name: string): boolean {
  const module = /^python3-(.+)$/.exec(name)?.[1];
  if (module !== undefined) return isFolder(`${PYTHON_MODULES}/${module}`);
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      if (folder !== "" && Deno.statSync(`${folder}/${name}`).isFile) return true;
    } catch { /* not in this folder */ }
  }
  return false;
}

/**
 * Test options for a test that needs real programs, or modules of Debian's Python:
 * `Deno.test({ ...needs("hook refuses", "git"), fn() { … } })`.
 */
export function needs(name: string, ...programs: string[]): { name: string; ignore: boolean } {
  const missing = programs.filter((program) => !hasProgram(program));
  if (missing.length === 0) return { name, ignore: false };
  if (Deno.env.get("CI") === "true") return { name, ignore: false }; // fails loudly, as it should
  return { name: `${name} [left out: no ${missing.join(", ")}]`, ignore: true };
}

/**
 * Leaves out every test that a file registers after this, and says so in its name, where a program is
 * missing that all of them need. In CI it does nothing: they fail loudly, as they should.
 */
export function allNeed(program: string): void {
  if (hasProgram(program) || Deno.env.get("CI") === "true") return;
  const leftOut = (text: string) =>
    text.includes("[left out: ") ? text : `${text} [left out: no ${program}]`;
  const register = Deno.test;
  // Each file of tests has a global object of its own, so no other file sees this.
  (Deno as { test: unknown }).test = new Proxy(register, {
    apply(_target, _self, [first, ...rest]: [string | { name: string; fn(): void }, () => void]) {
      const [name, fn] = typeof first === "string"
        ? [first, rest.at(-1)!]
        : [first.name, first.fn ?? rest.at(-1)];
      register({ name: leftOut(name), ignore: true, fn });
    },
  });
}
