/**
 * What the Hub said of each token, kept for a day: its address for that is limited strictly.
 *
 * @module
 */

import { openStateFolder, type StateFolderOptions } from "../state/folder.ts";
import { withLock } from "../state/lock.ts";
import { readPrivateFile, writePrivateFile } from "../state/private_file.ts";
import type { Identity } from "./whoami.ts";

/** What the Hub said, and when. */
export interface CachedIdentity extends Identity {
  /** When it was said, in ms since 1970. */
  readonly checkedAt: number;
}

/** So many tokens are remembered; those not checked for longest go first. */
const MOST_TOKENS = 50;
const MOST_BYTES = 65_536;

function isIdentity(value: unknown): value is CachedIdentity {
  const { name, type, checkedAt } = (value ?? {}) as Record<string, unknown>;
  return typeof name === "string" && typeof type === "string" && typeof checkedAt === "number";
}

async function readAll(path: string): Promise<Record<string, CachedIdentity>> {
  const bytes = await readPrivateFile(path, { maxBytes: MOST_BYTES });
  if (bytes === null) return {};
  try {
    const all: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Object.fromEntries(
      Object.entries((all as { tokens?: object } | null)?.tokens ?? {}).filter((
        entry,
      ): entry is [string, CachedIdentity] => isIdentity(entry[1])),
    );
  } catch {
    return {}; // damaged: the Hub is asked once more
  }
}

async function pathOf(options: StateFolderOptions): Promise<string> {
  return `${await openStateFolder(options)}/whoami.json`;
}

/**
 * What the Hub last said of a token, however long ago.
 *
 * @param fingerprint The token's.
 * @param options The private folder.
 * @returns The answer with its time, or null.
 */
export async function cachedIdentity(
  fingerprint: string,
  options: StateFolderOptions,
): Promise<CachedIdentity | null> {
  return (await readAll(await pathOf(options)))[fingerprint] ?? null;
}

/**
 * Keeps what the Hub said of a token, or that it refused it.
 *
 * @param fingerprint The token's.
 * @param identity The answer, or null to forget the token.
 * @param options The private folder.
 */
export async function cacheIdentity(
  fingerprint: string,
  identity: CachedIdentity | null,
  options: StateFolderOptions,
): Promise<void> {
  const path = await pathOf(options);
  await withLock(`${path}.lock`, async () => {
    const { [fingerprint]: _, ...others } = await readAll(path);
    const kept = Object.entries(others).sort(([, a], [, b]) => b.checkedAt - a.checkedAt);
    const tokens = Object.fromEntries(kept.slice(0, MOST_TOKENS - 1));
    if (identity !== null) tokens[fingerprint] = identity;
    await writePrivateFile(path, new TextEncoder().encode(`${JSON.stringify({ v: 1, tokens })}\n`));
  });
}
