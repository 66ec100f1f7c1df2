/**
 * How old a token is, and when to say so.
 *
 * @module
 */

import { UsageError } from "../errors.ts";

/** After how many days a token should be replaced, unless told otherwise. */
export const ROTATE_AFTER_DAYS = 90;

const DAY = 86_400_000;

/**
 * Checks the number of days.
 *
 * @param days Whole days, 30 to 90.
 * @returns The same.
 * @throws {UsageError} If it is anything else.
 */
export function checkRotateAfter(days: number): number {
  if (Number.isInteger(days) && days >= 30 && days <= ROTATE_AFTER_DAYS) return days;
  throw new UsageError(
    "Cannot use rotateAfterDays: it must be a whole number of days from 30 to 90",
  );
}

/**
 * The notice that a token is old or about to expire.
 *
 * @param token When it was made or stored and when it expires, in ms since 1970, where known.
 * @param now The time, in ms since 1970.
 * @param days From how many days on.
 * @returns The notice, or null if the token is young or its age unknown.
 */
export function ageNotice(
  token: { readonly createdAt?: number; readonly expiresAt?: number },
  now: number,
  days: number,
): string | null {
  const { createdAt, expiresAt } = token;
  if (expiresAt !== undefined && expiresAt <= now) {
    return "The token has expired, by this machine's clock. Sign in again, or make another at " +
      "https://huggingface.co/settings/tokens";
  }
  if (createdAt === undefined) return null;
  const age = Math.floor((now - createdAt) / DAY);
  if (age < days) return null;
  return `The token is ${age} days old. Make a new one at https://huggingface.co/settings/tokens, ` +
    "then: hushbook token rotate";
}
