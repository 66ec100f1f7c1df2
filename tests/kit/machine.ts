import { explainToken } from "../../src/token/explain.ts";
import { loadToken, type LoadTokenOptions } from "../../src/token/load.ts";
import { forgetSession } from "../../src/token/session.ts";
import { countingLockout, recordedAudit } from "./person.ts";
import { temporaryFolder } from "./temporary.ts";

/** A person's machine: a home, a working folder, a private folder, variables and a log. */
export function machine(variables: Record<string, string> = {}) {
  const folder = temporaryFolder();
  const home = `${folder.path}/home`, cwd = `${folder.path}/work`;
  Deno.mkdirSync(home);
  Deno.mkdirSync(cwd);
  const audit = recordedAudit();
  const notices: string[] = [];
  const all: Record<string, string> = { HOME: home, ...variables };
  const options: LoadTokenOptions = {
    env: (name) => all[name],
    cwd,
    folder: `${folder.path}/state`,
    audit,
    lockout: countingLockout(),
    person: null,
    onNotice: (notice) => void notices.push(notice),
  };
  forgetSession();
  return {
    home,
    cwd,
    audit,
    notices,
    options,
    load: (more: LoadTokenOptions = {}) => loadToken({ ...options, ...more }),
    explain: () => explainToken(options),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Writes a file, its folder included, with exactly this mode. */
export function write(path: string, text: string | Uint8Array, mode = 0o600): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  Deno.writeFileSync(path, bytes, { mode });
  Deno.chmodSync(path, mode);
}

/** A text in UTF-16. */
export function utf16(text: string, bigEndian = false): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at), !bigEndian);
  return bytes;
}
