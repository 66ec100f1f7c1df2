/**
 * What a sign-in gave, kept encrypted and refreshed in time, by one process at a time.
 *
 * @module
 */

import { HushbookError, SourceError, StoreError } from "../errors.ts";
import { fingerprint } from "../secret/fingerprint.ts";
import type { EnvelopeContent } from "./envelope.ts";
import type { GrantedTokens, OAuthApplication } from "./oauth.ts";
import type { SourceContext } from "./source.ts";
import { inspectStore, openStore, type StoreOptions, withStoreLock, writeStore } from "./store.ts";

/** The folder of the sign-in, and the clock. */
export type SignInStore = StoreOptions & { readonly folder: string };

/** What is kept. */
export interface KeptSignIn {
  /** The tokens to use, fresh or refreshed; null: sign in. */
  readonly content: EnvelopeContent | null;
  /**
   * Those of a sign-in that is over, while their time lasts: better than none where nobody can sign
   * in.
   */
  readonly last: EnvelopeContent | null;
}

const NOTHING: KeptSignIn = { content: null, last: null };

/**
 * The tokens of the last sign-in. Those that expire soon, or that the Hub has refused, are
 * refreshed first: a refresh token is good for one use, so one process asks, and the others wait
 * and find what it was given.
 *
 * @param application Who asks whom.
 * @param store Where it is kept.
 * @param context Whom to tell, where to record.
 * @param refreshBeforeMs With less time left than this, in ms, a token is refreshed.
 * @returns What there is.
 * @throws {SourceError} If a token has expired and the Hub cannot be asked for another.
 */
export async function keptSignIn(
  application: OAuthApplication,
  store: SignInStore,
  context: SourceContext,
  refreshBeforeMs: number,
): Promise<KeptSignIn> {
  const { signal } = context;
  return await withStoreLock(store, async () => {
    const content = await openKept(store, context);
    if (content === null) return NOTHING;
    const { createdAt = 0, expiresAt = Infinity } = content;
    const left = expiresAt - application.now();
    // Half its life for a token that never had as much left.
    const enough = Math.min(refreshBeforeMs, (expiresAt - createdAt) / 2);
    if (left > enough && !await wasRefused(content, context)) return { content, last: null };
    return await refreshed(content, left > 0, application, store, context);
    // Whoever holds the lock may be waiting for the Hub, and so may others before this one.
  }, { timeoutMs: 6 * application.timeoutMs, ...(signal && { signal }) });
}

/** What can be had anew by signing in is no reason to fail when it is damaged. */
async function openKept(
  store: SignInStore,
  { notice }: SourceContext,
): Promise<EnvelopeContent | null> {
  try {
    return await inspectStore(store) && ((await openStore(store))?.content ?? null);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code === "store-library") throw error;
    notice(`What was kept of the last sign-in cannot be used (${error.code}); sign in again`);
    return null;
  }
}

/** Whether the Hub has answered 401 to this token since: it was revoked before its time. */
async function wasRefused({ token }: EnvelopeContent, context: SourceContext): Promise<boolean> {
  const { env, now, folder } = context;
  const { Lockout } = await import("./lockout.ts");
  const lockout = new Lockout({ env, now, ...(folder !== undefined && { folder }) });
  const subject = fingerprint(token);
  return (await lockout.status()).some((one) => one.subject === subject && one.failures > 0);
}

/**
 * New tokens; the old ones while they are good and the Hub cannot be asked; nothing if the sign-in
 * is over.
 */
async function refreshed(
  content: EnvelopeContent,
  good: boolean,
  application: OAuthApplication,
  store: SignInStore,
  context: SourceContext,
): Promise<KeptSignIn> {
  const old = good ? content : null;
  const { refreshToken } = content;
  if (refreshToken === undefined) return { content: old, last: null };
  context.protect?.(refreshToken);
  const { askTokens, notNow } = await import("./oauth.ts");
  try {
    const answer = await askTokens(application, {
      grant_type: "refresh_token",
      refresh_token: refreshToken,
    });
    if (!("error" in answer)) {
      // A server that does not rotate refresh tokens sends none: the old one stays good (RFC 6749,
      // 6).
      const kept = await writeKept({ refreshToken, ...answer }, application, store, context);
      await recordSignIn(context, "refresh", kept.token);
      return { content: kept, last: null };
    }
    if (answer.passing) throw notNow(application);
    const { host } = application.endpoint;
    context.notice(`The sign-in at ${host} is over (${answer.error}); sign in again`);
    return { content: null, last: old };
  } catch (error) {
    if (!(error instanceof SourceError) || old === null) throw error;
    context.notice(`The token expires soon and could not be refreshed: ${error.message}`);
    return { content: old, last: null };
  }
}

/**
 * Keeps what was granted.
 *
 * @param granted The tokens.
 * @param application Who asked whom.
 * @param store Where to keep them.
 * @param context Whom to tell that they could not be kept.
 * @returns The tokens, with the time.
 */
export async function keepSignIn(
  granted: GrantedTokens,
  application: OAuthApplication,
  store: SignInStore,
  context: SourceContext,
): Promise<EnvelopeContent> {
  return await withStoreLock(store, () => writeKept(granted, application, store, context));
}

async function writeKept(
  granted: GrantedTokens,
  { now }: OAuthApplication,
  store: SignInStore,
  { notice }: SourceContext,
): Promise<EnvelopeContent> {
  const { accessToken: token, ...rest } = granted;
  const content = { token, createdAt: now(), ...rest };
  try {
    await writeStore(content, fingerprint(token), { ...store, mode: "machine" });
  } catch (error) {
    if (!(error instanceof HushbookError)) throw error;
    // The tokens are granted, and a refresh token is good once: what was granted is used all the
    // same.
    notice(`The sign-in holds only for now, since it could not be kept: ${error.message}`);
  }
  return content;
}

/**
 * Records that tokens were granted.
 *
 * @param context Where.
 * @param method How: where the person was, or `refresh`.
 * @param token The access token; only its fingerprint is recorded.
 */
export async function recordSignIn(
  context: SourceContext,
  method: string,
  token: string,
): Promise<void> {
  const source = "sign-in";
  await context.record({
    event: "token.sign-in",
    outcome: "ok",
    source,
    method,
    fingerprint: fingerprint(token),
  });
}
