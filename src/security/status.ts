/**
 * Is my token safe right now, and who used it?
 *
 * @module
 */

import type { Launch } from "../git/launcher.ts";
import type { MaskStatus } from "../kernel/mask/mask.ts";
import type { LimitOverview } from "../limits/overview.ts";
import type { StateFolderOptions } from "../state/folder.ts";
import type { LockoutStatus } from "../token/lockout.ts";
import type { SecurityLevel, SecurityLine } from "./line.ts";
import type { RecordState } from "./parts/record.ts";
import type { RepositoryState } from "./parts/repository.ts";
import type { StorageState } from "./parts/storage.ts";
import type { TokenState } from "./parts/token.ts";
import { statusHtml, statusText } from "./show.ts";

/** What a status is taken of. */
export interface SecurityStatusOptions extends StateFolderOptions {
  /** The working folder, absolute. Default this process's. */
  readonly cwd?: string;
  /** The clock, in ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** How this hushbook is started, to tell whether an installed hook is up to date. */
  readonly launch?: Launch;
}

/**
 * The status as plain data: the shape of `GET /api/security/status` and of
 * `hushbook security --json`.
 */
export interface SecurityStatusData {
  /** Version of this shape: 1. */
  readonly v: 1;
  /** When it was taken, RFC 3339. */
  readonly time: string;
  /** The worst level of all lines. */
  readonly level: SecurityLevel;
  /** Everything that was looked at, in groups. */
  readonly lines: readonly SecurityLine[];
  /** The token that would be used; never its value. */
  readonly token: TokenState;
  /** The private folder and the stored token. */
  readonly storage: StorageState;
  /** Subjects with failures or a lock. */
  readonly lockouts: readonly LockoutStatus[];
  /** The limits that calls were made under. */
  readonly limits: readonly LimitOverview[];
  /** The audit log. */
  readonly audit: RecordState;
  /** The repository around the working folder. */
  readonly repository: RepositoryState;
  /** The output mask; null outside of a notebook. */
  readonly mask: MaskStatus | null;
}

/** The status; a notebook cell shows it as a table. */
export class SecurityStatus {
  /** The status as plain data. */
  readonly data: SecurityStatusData;

  /**
   * Wraps the data.
   *
   * @param data The status.
   */
  constructor(data: SecurityStatusData) {
    this.data = data;
  }

  /** The worst level of all lines. */
  get level(): SecurityLevel {
    return this.data.level;
  }

  /**
   * What `JSON.stringify` writes.
   *
   * @returns The data.
   */
  toJSON(): SecurityStatusData {
    return this.data;
  }

  /**
   * The status as text, without colour.
   *
   * @returns One line a row, under the names of the groups.
   */
  toString(): string {
    return statusText(this.data);
  }

  /**
   * What a notebook cell shows.
   *
   * @returns A table in HTML, and the same as text.
   */
  [Symbol.for("Jupyter.display")](): { "text/html": string; "text/plain": string } {
    return { "text/html": statusHtml(this.data), "text/plain": statusText(this.data) };
  }
}

/**
 * Looks at everything that keeps the token safe: where it comes from and how old it is, who can
 * reach the private files, lockouts, limits, the audit log, the hook and filter of this repository,
 * tokens in its notebooks, and the output mask. It changes nothing, asks nobody and uses no
 * network.
 *
 * Needs `--allow-env`, `--allow-read`, `--allow-write` for the private folder, `--allow-sys=uid`
 * and `--allow-run=git`.
 *
 * @param options Which folders, and the clock.
 * @returns The status; the last line of a cell shows it as a table.
 *
 * @example
 * ```ts
 * import { securityStatus } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const cwd = await Deno.makeTempDir();
 * const status = await securityStatus({ cwd, folder: `${cwd}/state`, env: () => undefined });
 * assert.equal(status.level, "warning"); // no source has a token yet
 * assert.match(String(status), /No source has a token {2}→ hushbook token save/);
 * await Deno.remove(cwd, { recursive: true });
 * ```
 */
export async function securityStatus(options: SecurityStatusOptions = {}): Promise<SecurityStatus> {
  // Loaded here: most who import hushbook never ask, and git and the scan are a third of its code.
  const { takeStatus } = await import("./take.ts");
  return new SecurityStatus(await takeStatus(options));
}
