/**
 * Paths as text: nothing here looks at a file.
 *
 * @module
 */

/**
 * A path below a folder.
 *
 * @param folder The folder; empty or `.` for the working folder.
 * @param name What is in it.
 * @returns Both, with a `/` between where one is needed.
 */
export function join(folder: string, name: string): string {
  if (folder === "" || folder === ".") return name;
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

/**
 * Makes a path absolute, without looking at any file.
 *
 * @param cwd The working folder, absolute.
 * @param path A path, relative to it or absolute.
 * @returns The absolute path, with `/` between names and without `.` and `..`.
 */
export function absolute(cwd: string, path: string): string {
  const whole = /^([/\\]|[A-Za-z]:[/\\])/.test(path) ? path : join(cwd, path);
  const names: string[] = [];
  // Elsewhere than on Windows a backslash is a letter like others.
  for (const name of whole.split(Deno.build.os === "windows" ? /[/\\]/ : "/")) {
    if (name === "..") names.pop();
    else if (name !== "." && (name !== "" || names.length === 0)) names.push(name);
  }
  return names.join("/") || "/";
}

/**
 * The way from a folder up to one above it.
 *
 * @param folder The folder, absolute.
 * @param above One above it, or the same, absolute.
 * @returns `.`, `..`, `../..` and so on.
 */
export function upTo(folder: string, above: string): string {
  const steps = absolute(folder, ".").slice(above.length).split("/").filter((name) => name !== "");
  return steps.map(() => "..").join("/") || ".";
}

/**
 * Divides a pattern of the command line where its wildcards begin.
 *
 * @param pattern The pattern, as the user wrote it.
 * @returns The folder above every match, empty for the working folder, and the pattern from there.
 */
export function splitPattern(pattern: string): { folder: string; rest: string } {
  const folder = /^(?:[^*?[{]*[/\\])?/.exec(pattern)![0].replace(/(.)[/\\]$/, "$1");
  return { folder, rest: pattern.slice(folder.length).replace(/^[/\\]/, "") };
}
