/**
 * Signing in at the Hub with a browser on any machine: a link and a code are shown, and no token is
 * typed.
 *
 * @module
 */

import { SourceError } from "../errors.ts";
import { openStateFolder, stateFolder } from "../state/folder.ts";
import { sleepMs, withLock } from "../state/lock.ts";
import type { EnvelopeContent } from "./envelope.ts";
import type { OAuthApplication } from "./oauth.ts";
import type { Person } from "./person.ts";
import type { SignInStore } from "./sign_in_store.ts";
import type { SourceContext, TokenSource } from "./source.ts";

/** How to sign in. */
export interface DeviceSignInOptions {
  /**
   * The client id of your OAuth application, made at
   * https://huggingface.co/settings/applications/new; it is not secret. Default: the variable
   * `HF_DEVICE_CODE_OAUTH_CLIENT_ID`.
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

/**
 * How often is looked whether another process has signed in, in ms: a person with a browser takes
 * longer.
 */
const LOOK_EVERY_MS = 250;

/**
 * The person signs in at the Hub in a browser (OAuth 2.0 device authorization, RFC 8628): the
 * notebook or terminal shows a link and a code. The refresh token is kept encrypted in the private
 * folder, tied to this machine, and new access tokens are had for it before they expire, or once
 * the Hub has refused one, without asking again. Notebooks that need it at the same time share one
 * sign-in and one refresh. Where nobody can be asked and nobody has signed in before, this source
 * has no token.
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
      const content = await shared(
        key,
        context.signal,
        () => findTokens(options, application, store, context),
      );
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

type Answer = Promise<EnvelopeContent | null>;
const underway = new Map<string, { answer: Answer; signal: AbortSignal | undefined }>();

/**
 * Cells that ask at the same time share one sign-in; one that was stopped does not stop the others.
 */
async function shared(
  key: string,
  signal: AbortSignal | undefined,
  find: () => Answer,
): Answer {
  while (true) {
    const others = underway.get(key);
    if (others === undefined) {
      const answer = find();
      underway.set(key, { answer, signal });
      try {
        return await answer;
      } finally {
        underway.delete(key);
      }
    }
    try {
      return await others.answer;
    } catch (error) {
      if (others.signal?.aborted !== true) throw error;
      signal?.throwIfAborted();
    }
  }
}

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
function storeOf(context: SourceContext): SignInStore {
  const { env, now, notice } = context;
  const folder = context.folder ?? stateFolder({ env });
  return { env, now, onNotice: notice, folder: `${folder}/sign-in` };
}

async function findTokens(
  options: DeviceSignInOptions,
  application: OAuthApplication,
  store: SignInStore,
  context: SourceContext,
): Promise<EnvelopeContent | null> {
  await openStateFolder({
    env: context.env,
    ...(context.folder !== undefined && { folder: context.folder }),
  });
  const { refreshBeforeMs = 30 * 60_000 } = options;
  const { keepSignIn, keptSignIn } = await import("./sign_in_store.ts");
  const look = () => keptSignIn(application, store, context, refreshBeforeMs);
  const { content, last } = await look();
  if (content !== null) return content;
  const { person } = context;
  if (person === null || !await wants(person)) return last;
  return await alone(store, context, person, async () => {
    const { content } = await look(); // another process may have signed in meanwhile
    if (content !== null) return content;
    const { signIn } = await import("./device_code.ts");
    const granted = await signIn(options, application, context, person);
    return await keepSignIn(granted, application, store, context);
  });
}

/**
 * Also tells whether anybody is there at all: a notebook run by nbconvert must not wait for a
 * browser.
 */
async function wants(person: Person): Promise<boolean> {
  const answer = await person.ask("Sign in to Hugging Face with a browser? Enter: yes, n: no ", {
    echo: true,
  });
  return answer !== null && !/^\s*n/iu.test(answer);
}

/** One sign-in at a time over all processes; the system ends that of a process that was killed. */
async function alone<T>(
  store: SignInStore,
  { signal }: SourceContext,
  person: Person,
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  await openStateFolder(store);
  return await withLock(`${store.folder}/asking.lock`, work, {
    timeoutMs: Infinity, // the code that the other one shows is good for a quarter of an hour
    ...(signal && { signal }),
    async sleep(_ms, signal) {
      if (!told) {
        person.tell(
          "Another notebook or terminal of yours is signing in; its sign-in is waited for and will be used here too",
        );
      }
      told = true;
      await sleepMs(LOOK_EVERY_MS, signal);
    },
  });
}
