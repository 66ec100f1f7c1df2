/**
 * The token of a connection, and how its errors speak of it.
 *
 * @module
 */

import type { AuditEvent } from "../audit/event.ts";
import { Secret } from "../secret/secret.ts";
import { type LoadedToken, loadToken } from "../token/load.ts";
import type { CallLog } from "./audited.ts";
import { given } from "./given.ts";
import type { GuardOptions } from "./guard_options.ts";

/**
 * Finds the token of a connection.
 *
 * @param options The token itself, or where to look.
 * @param audit Where loading and revealing are recorded.
 * @returns The token and where it came from.
 * @throws {HushbookError} As `loadToken()` does.
 */
export async function loadFor(options: GuardOptions, audit: CallLog): Promise<LoadedToken> {
  const { token } = options;
  if (typeof token === "object" && !(token instanceof Secret)) return token;
  const { folder, env, now, onNotice } = options;
  const tolerant = {
    append: (event: AuditEvent) =>
      audit.append(event).catch(() => onNotice?.("A use of the token could not be recorded.")),
  };
  const log = options.onAuditFailure === "warn" ? tolerant : audit;
  const own = given({ token, folder, env, now, onNotice, audit: log });
  return await loadToken({ ...own, ...options.load });
}

/**
 * The words by which errors speak of a token.
 *
 * @param loaded The token.
 * @returns Its fingerprint and where it came from, such as
 * `the token 0123456789ab (from HF_TOKEN)`.
 */
export function tokenWords(loaded: LoadedToken): string {
  return `the token ${loaded.fingerprint} (from ${loaded.where})`;
}
