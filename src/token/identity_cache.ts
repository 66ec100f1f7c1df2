/**
 * What the Hub said of each token, kept for a day: its address for that is limited strictly.
 *
 * @module
 */

import { mover, readEndpoints } from "../door/endpoints.ts";
import { StateError } from "../errors.ts";
import { openStateFolder, type StateFolderOptions } from "../state/folder.ts";
import { withLock } from "../state/lock.ts";
import { readPrivateFile, writePrivateFile } from "../state/private_file.ts";
import type { Identity } from "./ask_identity.ts";

/** What the Hub said, and when. */
export interface CachedIdentity extends Identity {
  /** When it was said, in ms since 1970. */
  readonly checkedAt: number;
}

/** As it is kept: with the Hub that said it, since `HF_ENDPOINT` may name another one tomorrow. */
type Kept = CachedIdentity & { readonly hub: string };

/** So many tokens are remembered; those not checked for longest go first. */
const MOST_TOKENS = 50;
const MOST_BYTES = 65_536;
/** A day, in ms. */
const DAY = 86_400_000;
/** The longest name or role that is believed; the Hub's are far shorter. */
const MOST_CHARACTERS = 200;

const isText = (value: unknown) =>
  typeof value === "string" && value.length > 0 && value.length <= MOST_CHARACTERS;
const isTime = (value: unknown) =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;

/** An entry as {@link cacheIdentity} writes it, and nothing else that may stand there. */
function keptIn(fingerprint: string, value: unknown): Kept | undefined {
  if (!/^[0-9a-f]{12}$/u.test(fingerprint)) return undefined;
  const { hub, name, type, role, createdAt, expiresAt, checkedAt } = (value ?? {}) as Record<
    keyof Kept,
    unknown
  >;
  const whole = [hub, name, type].every(isText) && isTime(checkedAt) &&
    [role].every((text) => text === undefined || isText(text)) &&
    [createdAt, expiresAt].every((time) => time === undefined || isTime(time));
  if (!whole) return undefined;
  return {
    hub,
    name,
    type,
    ...(role !== undefined && { role }),
    ...(createdAt !== undefined && { createdAt }),
    ...(expiresAt !== undefined && { expiresAt }),
    checkedAt,
  } as Kept;
}

async function readAll(path: string): Promise<Record<string, Kept>> {
  try {
    const bytes = await readPrivateFile(path, { maxBytes: MOST_BYTES });
    if (bytes === null) return {};
    const all = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const tokens: Record<string, Kept> = {};
    for (const [fingerprint, value] of Object.entries(all?.v === 1 ? all.tokens ?? {} : {})) {
      const kept = keptIn(fingerprint, value);
      if (kept !== undefined) tokens[fingerprint] = kept;
    }
    return tokens;
  } catch (error) {
    const whole = error instanceof StateError && error.code !== "state-too-large";
    if (whole || error instanceof Deno.errors.NotCapable) throw error;
    return {}; // damaged: the Hub is asked once more, and the file written anew
  }
}

function hubOf({ env = (name) => Deno.env.get(name) }: StateFolderOptions): string {
  return mover(readEndpoints(env))(new URL("https://huggingface.co/")).href;
}

async function pathOf(options: StateFolderOptions): Promise<string> {
  return `${await openStateFolder(options)}/whoami.json`;
}

/**
 * What the Hub last said of a token, however long ago. What another Hub said does not count.
 *
 * @param fingerprint The token's.
 * @param options The private folder, and the environment that names the Hub.
 * @returns The answer with its time, or null.
 */
export async function cachedIdentity(
  fingerprint: string,
  options: StateFolderOptions,
): Promise<CachedIdentity | null> {
  const kept = (await readAll(await pathOf(options)))[fingerprint];
  if (kept === undefined || kept.hub !== hubOf(options)) return null;
  const { hub: _, ...identity } = kept;
  return identity;
}

/**
 * Whether the Hub need not be asked again.
 *
 * @param kept What it last said.
 * @param options `maxAgeMs`: how old that may be, default 24 hours; `now`: the clock.
 * @returns False also for a time ahead of the clock, which was then set back, and for a token that
 * has expired since.
 */
export function isCurrent(
  kept: CachedIdentity | null,
  options: { readonly maxAgeMs?: number; readonly now?: () => number },
): kept is CachedIdentity {
  if (kept === null) return false;
  const { maxAgeMs = DAY, now = Date.now } = options;
  const age = now() - kept.checkedAt;
  return age >= 0 && age <= maxAgeMs && (kept.expiresAt ?? Infinity) > now();
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
    if (identity !== null) tokens[fingerprint] = { ...identity, hub: hubOf(options) };
    await writePrivateFile(path, new TextEncoder().encode(`${JSON.stringify({ v: 1, tokens })}\n`));
  });
}
