/**
 * Signing in at the Hub with a browser on any machine: a link and a code are shown, and no token is typed.
 *
 * @module
 */

import { HushbookError, PromptError, SourceError } from "../errors.ts";
import { fingerprint } from "../secret/fingerprint.ts";
import { openStateFolder, stateFolder } from "../state/folder.ts";
import { sleepMs } from "../state/lock.ts";
import type { EnvelopeContent } from "./envelope.ts";
import type { DeviceCode, GrantedTokens, OAuthApplication } from "./oauth.ts";
import type { SourceContext, TokenSource } from "./source.ts";
import { inspectStore, openStore, type StoreOptions, withStoreLock, writeStore } from "./store.ts";

/** How to sign in. */
export interface DeviceSignInOptions {
  /**
   * The client id of your OAuth application, made at https://huggingface.co/settings/applications/new; it is not
   * secret. Default: the variable `HF_DEVICE_CODE_OAUTH_CLIENT_ID`.
   */
  readonly clientId?: string;
  /** The rights asked for. Default `openid profile inference-api`. */
  readonly scope?: string;
  /** A token with less time left than this is refreshed first, in ms. Default 30 minutes. */
  readonly refreshBeforeMs?: number;
  /** Longest wait for one answer of the Hub, in ms. Default 10 000. */
  readonly timeoutMs?: number;
  /** Waits. Default: a timer. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** RFC 8628, 3.5: what `slow_down` adds to the pause, in ms. */
const SLOW_DOWN_MS = 5_000;

/**
 * The person signs in at the Hub in a browser (OAuth 2.0 device authorization, RFC 8628): the notebook or terminal
 * shows a link and a code. The refresh token is kept encrypted in the private folder, tied to this machine, and
 * new access tokens are had for it before they expire, without asking again. Where nobody can be asked and
 * nobody has signed in before, this source has no token.
 *
 * Needs `--allow-net` for the Hub, and what `saveToken` needs.
 *
 * @param options The application.
 * @returns A source for `loadToken`.
 *
 * @example No token is typed at all
 * ```ts ignore
 * import { deviceSignIn, loadToken } from "hushbook";
 *
 * const { secret, expiresAt } = await loadToken({ sources: [deviceSignIn({ clientId: "…" })] });
 * ```
 */
export function deviceSignIn(options: DeviceSignInOptions = {}): TokenSource {
  return {
    name: "sign-in",
    interactive: true,
    async read(context) {
      const application = await applicationOf(options, context);
      const store = storeOf(context);
      const key = `${store.folder}\0${application.endpoint}\0${application.clientId}`;
      // Cells that ask at the same time share one sign-in.
      let found = underway.get(key);
      if (found === undefined) {
        found = findTokens(options, application, store, context);
        underway.set(key, found);
        found.finally(() => underway.delete(key)).catch(() => {});
      }
      const content = await found;
      if (content === null) return null;
      const { token: value, createdAt, expiresAt } = content;
      return {
        value,
        where: application.endpoint.host,
        ...(createdAt !== undefined && { createdAt }),
        ...(expiresAt !== undefined && { expiresAt }),
      };
    },
  };
}

const underway = new Map<string, Promise<EnvelopeContent | null>>();

async function applicationOf(
  options: DeviceSignInOptions,
  context: SourceContext,
): Promise<OAuthApplication> {
  const clientId = options.clientId ?? context.env("HF_DEVICE_CODE_OAUTH_CLIENT_ID");
  if (!clientId) {
    throw new SourceError(
      "source-setup",
      "Cannot sign in at the Hub: no application is named; make one at https://huggingface.co/settings/applications/new " +
        "and give its `clientId`, or set HF_DEVICE_CODE_OAUTH_CLIENT_ID",
    );
  }
  const { mover, readEndpoints } = await import("../door/endpoints.ts");
  const endpoint = mover(readEndpoints(context.env))(new URL("https://huggingface.co/"));
  const { fetch, now, signal } = context;
  const timeoutMs = options.timeoutMs ?? 10_000;
  return { endpoint, clientId, fetch, now, timeoutMs, ...(signal && { signal }) };
}

/** A store of its own beside the one of saveToken, so that neither overwrites the other. */
function storeOf(context: SourceContext): StoreOptions & { readonly folder: string } {
  const { env, now, notice } = context;
  const folder = context.folder ?? stateFolder({ env });
  return { env, now, onNotice: notice, folder: `${folder}/sign-in` };
}

async function findTokens(
  options: DeviceSignInOptions,
  application: OAuthApplication,
  store: StoreOptions,
  context: SourceContext,
): Promise<EnvelopeContent | null> {
  await openStateFolder({
    env: context.env,
    ...(context.folder !== undefined && { folder: context.folder }),
  });
  const { refreshBeforeMs = 30 * 60_000 } = options;
  const fresh = ({ expiresAt }: EnvelopeContent) =>
    expiresAt === undefined || expiresAt - application.now() > refreshBeforeMs;
  // Under the lock: a refresh token is good for one use, and two kernels may need it at the same time.
  const kept = await withStoreLock(store, async () => {
    const content = await inspectStore(store) && (await openStore(store))?.content;
    if (!content || fresh(content)) return content || null;
    return await refreshed(content, application, store, context);
  });
  if (kept !== null) return kept;
  const granted = await signIn(options, application, context);
  if (granted === null) return null;
  return await withStoreLock(store, () => keep(granted, store, application, context));
}

async function keep(
  granted: GrantedTokens,
  store: StoreOptions,
  { now }: OAuthApplication,
  { notice }: SourceContext,
): Promise<EnvelopeContent> {
  const { accessToken: token, ...rest } = granted;
  const content = { token, createdAt: now(), ...rest };
  try {
    await writeStore(content, fingerprint(token), { ...store, mode: "machine" });
  } catch (error) {
    if (!(error instanceof HushbookError)) throw error;
    // The tokens are granted, and a refresh token is good once: what was granted is used all the same.
    notice(`The sign-in holds only for now, since it could not be kept: ${error.message}`);
  }
  return content;
}

/** A new access token, the old one while it is still good and the Hub cannot be asked, or null: sign in again. */
async function refreshed(
  content: EnvelopeContent,
  application: OAuthApplication,
  store: StoreOptions,
  context: SourceContext,
): Promise<EnvelopeContent | null> {
  const stillGood = (content.expiresAt ?? Infinity) > application.now() ? content : null;
  if (content.refreshToken === undefined) return stillGood;
  context.protect?.(content.refreshToken);
  const { askTokens } = await import("./oauth.ts");
  try {
    const answer = await askTokens(application, {
      grant_type: "refresh_token",
      refresh_token: content.refreshToken,
    });
    if ("error" in answer) {
      context.notice(
        `The sign-in at ${application.endpoint.host} is over (${answer.error}); sign in again`,
      );
      return null;
    }
    // A server that does not rotate refresh tokens sends none: the old one stays good (RFC 6749, 6).
    const granted = { refreshToken: content.refreshToken, ...answer };
    const kept = await keep(granted, store, application, context);
    await recordSignIn(context, "refresh", kept.token);
    return kept;
  } catch (error) {
    if (!(error instanceof SourceError) || stillGood === null) throw error;
    context.notice(`The token expires soon and could not be refreshed: ${error.message}`);
    return stillGood;
  }
}

async function signIn(
  options: DeviceSignInOptions,
  application: OAuthApplication,
  context: SourceContext,
): Promise<GrantedTokens | null> {
  const { person } = context;
  if (person === null) return null;
  // Also tells whether anybody is there at all: a notebook run by nbconvert must not wait for a browser.
  const answer = await person.ask("Sign in to Hugging Face with a browser? Enter: yes, n: no ", {
    echo: true,
  });
  if (answer === null || /^\s*n/iu.test(answer)) return null;
  const { askDeviceCode } = await import("./oauth.ts");
  const code = await askDeviceCode(application, options.scope ?? "openid profile inference-api");
  const link = code.verificationUriComplete ?? code.verificationUri;
  person.tell(
    `Sign in to Hugging Face: open ${link} in a browser and confirm the code ${
      printable(code.userCode)
    }`,
  );
  const granted = await poll(code, options, application);
  context.protect?.(granted.accessToken);
  if (granted.refreshToken !== undefined) context.protect?.(granted.refreshToken);
  await recordSignIn(context, person.place, granted.accessToken);
  return granted;
}

/** The server's text is shown to a person: no control characters, no line of its own. */
function printable(code: string): string {
  return code.replace(/[^\w-]/gu, "?").slice(0, 40);
}

async function recordSignIn(context: SourceContext, method: string, token: string): Promise<void> {
  const source = "sign-in";
  await context.record({
    event: "token.sign-in",
    outcome: "ok",
    source,
    method,
    fingerprint: fingerprint(token),
  });
}

/** Asks until the person has decided (RFC 8628, 3.5). */
async function poll(
  code: DeviceCode,
  options: DeviceSignInOptions,
  application: OAuthApplication,
): Promise<GrantedTokens> {
  const { sleep = sleepMs } = options;
  let pause = code.intervalMs;
  const { askTokens } = await import("./oauth.ts");
  while (application.now() < code.expiresAt) {
    await sleep(pause, application.signal);
    let answer;
    try {
      answer = await askTokens(application, {
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: code.deviceCode,
      });
    } catch (error) {
      // A lost connection or a failing server is no decision of the person: ask again, more slowly.
      const passing = error instanceof SourceError &&
        /^source-(?:unreachable|timeout|failed|throttled)$/u.test(error.code);
      if (!passing) throw error;
      pause += SLOW_DOWN_MS;
      continue;
    }
    if (!("error" in answer)) return answer;
    if (answer.error === "slow_down") pause += SLOW_DOWN_MS;
    else if (answer.error === "expired_token") break;
    else if (answer.error !== "authorization_pending") throw refused(answer.error, application);
  }
  throw new PromptError(
    "prompt-declined",
    "Stopped signing in: the code was not confirmed in time. Run the cell again for a new one",
  );
}

function refused(error: string, { endpoint }: OAuthApplication): Error {
  return error === "access_denied"
    ? new PromptError("prompt-declined", "Stopped signing in: it was declined in the browser")
    : new SourceError(
      "source-denied",
      `Cannot sign in at ${endpoint.host}: the Hub refuses this application (${error}); check \`clientId\``,
    );
}
