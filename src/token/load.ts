/**
 * Finding the token, wherever it is.
 *
 * @module
 */

import { HushbookError } from "../errors.ts";
import { inKernel } from "../kernel/detect.ts";
import { registerSecret } from "../kernel/mask/secrets.ts";
import { Secret, type SecretKind } from "../secret/secret.ts";
import { acceptToken } from "./accept.ts";
import { ageNotice, checkRotateAfter, ROTATE_AFTER_DAYS } from "./age.ts";
import { compareSources } from "./compare.ts";
import { missing, unreadable } from "./load_errors.ts";
import { personOf, recorderOf, type TokenOptions } from "./options.ts";
import { defaultOrder } from "./order.ts";
import { type Recorder, revealListener } from "./record.ts";
import type { FoundToken, SourceContext, TokenSource } from "./source.ts";
import { knownTimes } from "./times.ts";
import type { MinimumRole } from "./minimum_role.ts";

/** Where to look, and what to do on the way. */
export interface LoadTokenOptions extends TokenOptions {
  /** The token itself; then nothing is looked for. */
  readonly token?: string | Secret;
  /**
   * More sources, asked after the environment and `.env`, and before the encrypted file. Default
   * none.
   */
  readonly sources?: readonly TokenSource[];
  /** All sources, in the order they are asked; replaces the default order and `sources`. */
  readonly order?: readonly TokenSource[];
  /** The passphrase of the encrypted file, or what gives it. Default: the person is asked. */
  readonly passphrase?: string | (() => string | Promise<string>);
  /** The working folder, where `.env` is. Default this process's. */
  readonly cwd?: string;
  /** Sends requests, for sources that need some. Default the runtime's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Aborts the search. */
  readonly signal?: AbortSignal;
  /** From how many days on an age notice is given, 30 to 90. Default 90. */
  readonly rotateAfterDays?: number;
  /**
   * Whether what the notebook's cells put out is masked from now on: see `maskOutputs`. Default
   * true in the Deno kernel; elsewhere there is nothing to mask.
   */
  readonly mask?: boolean;
  /**
   * Whether the environment variable that the token came from is deleted from this process, so that
   * child processes and dumps of the environment lack it. A later load must find the token
   * elsewhere, so keep what this one returns. Default false.
   */
  readonly removeFromEnvironment?: boolean;
  /**
   * Has the Hub say, at most once a day, whether the token may do this much; else it is refused.
   * Default: not asked.
   */
  readonly minimumRole?: MinimumRole;
  /**
   * Is told notices: two sources that differ, a token that is old, a file that others can read.
   * Default: in a notebook or a terminal they are shown as warnings; elsewhere they are only in
   * `LoadedToken.notices`.
   */
  readonly onNotice?: (notice: string) => void;
}

/** A token that was found, and where. */
export interface LoadedToken {
  /** The token, which does not show itself. */
  readonly secret: Secret;
  /** The source's name, such as `env`, `dotenv`, `store`, `hub-login`, `prompt` or `argument`. */
  readonly source: string;
  /** Exactly where, such as `HF_TOKEN` or a file's path. */
  readonly where: string;
  /** What sort of token. */
  readonly kind: SecretKind;
  /** The first 12 hexadecimal digits of its SHA-256. */
  readonly fingerprint: string;
  /** When it was made or stored, where known. */
  readonly createdAt?: Date;
  /** When it expires, where known. */
  readonly expiresAt?: Date;
  /** What there was to say on the way. */
  readonly notices: readonly string[];
}

/**
 * Shows notices where a person is looking, and nowhere else: a library does not print.
 *
 * @returns Is told sentences.
 */
export function defaultNotice(): (notice: string) => void {
  const seen = inKernel() || Deno.stderr.isTerminal();
  // deno-lint-ignore no-console -- the person at the notebook or terminal has to see it
  return seen ? (notice) => console.warn(notice) : () => {};
}

/** A name for the audit log: `env:HF_TOKEN`, `dotenv`, … */
function recordedSource(source: string, where: string): string {
  return /^[A-Za-z0-9_]{1,40}$/.test(where) ? `${source}:${where}` : source;
}

/**
 * Finds the token: the argument; `HF_TOKEN`, `HUGGINGFACE_TOKEN` or `HUGGING_FACE_HUB_TOKEN`;
 * `.env` in the working folder; the sources given; the encrypted file; the Hub's login file; and
 * last the person, who is asked in the notebook or the terminal without the token being shown. The
 * first source that has a token decides: if it is no good, that is an error, and no other source is
 * asked in its place.
 *
 * Loads, refusals, prompts and reveals are recorded in the audit log. In a notebook, what cells put
 * out is masked from then on.
 *
 * Needs `--allow-env`, `--allow-read` for the places looked at, and for the audit log and the
 * stored token
 * `--allow-write` for the private folder and `--allow-sys=uid`. Sources are compared only when all
 * of env and read are granted.
 *
 * @param options Where to look.
 * @returns The token as a {@link Secret}, its source, its fingerprint.
 * @throws {TokenError} `token-missing` if no source has one; `token-invalid`, `token-tracked` or
 * `token-unreadable` if the one that has it cannot be used.
 * @throws {StoreError} If the encrypted file cannot be opened.
 * @throws {PromptError} If the person declined.
 * @throws {LockoutError} After five wrong passphrases in a row.
 * @throws {AuditError} If it cannot be recorded; `{ audit: false }` records nothing.
 *
 * @example From the environment
 * ```ts
 * import { loadToken } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const token = ["hf", "x".repeat(34)].join("_");
 * const variables = new Map([["HF_TOKEN", `"${token}"\n`]]);
 *
 * const loaded = await loadToken({ env: (name) => variables.get(name), folder });
 * assert.equal(loaded.source, "env");
 * assert.equal(loaded.where, "HF_TOKEN");
 * assert.equal(String(loaded.secret), `Secret(hf_… ${loaded.fingerprint})`);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function loadToken(options: LoadTokenOptions = {}): Promise<LoadedToken> {
  const days = checkRotateAfter(options.rotateAfterDays ?? ROTATE_AFTER_DAYS);
  const tell = options.onNotice ?? defaultNotice();
  const notices: string[] = [];
  const context = contextOf(options, (notice) => {
    notices.push(notice);
    tell(notice);
  });
  const order = options.order ?? defaultOrder(options);
  const { source, found } = await findFirst(options, order, context);
  const name = recordedSource(source, found.where);
  const secret = await listenedSecret(found, context, name, options.mask ?? true);
  const { fingerprint, kind } = secret;
  const recorded = context.record({
    event: "token.load",
    outcome: "ok",
    source: name,
    fingerprint,
    kind,
  });
  const compared = source === "argument"
    ? Promise.resolve()
    : compareSources(order, { source, fingerprint, found }, context);
  await Promise.all([recorded, compared]);
  if (options.minimumRole !== undefined) await enforceRole(options, secret, found.where, context);
  if (options.removeFromEnvironment === true && source === "env") {
    const { removeVariable } = await import("../kernel/mask/environment.ts");
    if (!removeVariable(found.where)) {
      context.notice(
        `Could not remove ${found.where} from the environment: allow it (--allow-env)`,
      );
    }
  }
  const times = await knownTimes(found, fingerprint, context);
  const { createdAt, expiresAt } = times;
  const notice = ageNotice(times, context.now(), days);
  if (notice !== null) {
    const { isDue } = await import("./daily.ts");
    if (await isDue(`age:${fingerprint}`, context)) context.notice(notice);
  }
  return {
    secret,
    source,
    where: found.where,
    kind,
    fingerprint,
    ...(createdAt !== undefined && { createdAt: new Date(createdAt) }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    notices,
  };
}

/**
 * What sources may use, from the options of a load.
 *
 * @param options The options.
 * @param notice Is told notices.
 * @returns The context.
 */
export function contextOf(
  options: LoadTokenOptions,
  notice: (sentence: string) => void,
): SourceContext {
  return {
    env: options.env ?? ((name) => Deno.env.get(name)),
    cwd: () => options.cwd ?? Deno.cwd(),
    fetch: options.fetch ?? globalThis.fetch,
    now: options.now ?? Date.now,
    person: personOf(options),
    notice,
    record: recorderOf(options),
    protect: registerSecret,
    ...(options.folder !== undefined && { folder: options.folder }),
    ...(options.signal !== undefined && { signal: options.signal }),
  };
}

async function findFirst(
  options: LoadTokenOptions,
  order: readonly TokenSource[],
  context: SourceContext,
): Promise<{ readonly source: string; readonly found: FoundToken }> {
  const argument = { value: options.token ?? "", where: "the argument" };
  if (options.token !== undefined) return { source: "argument", found: argument };
  for (const source of order) {
    options.signal?.throwIfAborted();
    try {
      const found = await source.read(context);
      if (found === null) continue;
      if (typeof found.value !== "string") return { source: source.name, found };
      const { token, notice } = acceptToken(found.value, found.where);
      if (notice !== undefined) context.notice(notice);
      return { source: source.name, found: { ...found, value: token } };
    } catch (error) {
      await recordRefusal(context.record, source.name, error);
      options.signal?.throwIfAborted();
      throw unreadable(source, error);
    }
  }
  const error = missing();
  await recordRefusal(context.record, "all", error);
  throw error;
}

/** What the token may do, for callers that need to know before the first call fails. */
async function enforceRole(
  options: LoadTokenOptions,
  secret: Secret,
  where: string,
  context: SourceContext,
): Promise<void> {
  const { verifyToken } = await import("./verify.ts");
  const { env, fetch, now } = context;
  try {
    const { advice } = await verifyToken(secret, { ...options, env, fetch, now, where });
    for (const sentence of advice) context.notice(sentence);
  } catch (error) {
    await recordRefusal(context.record, recordedSource("role", where), error);
    throw error;
  }
}

async function recordRefusal(record: Recorder, source: string, error: unknown): Promise<void> {
  const reason = error instanceof HushbookError ? error.code : "failed";
  // The refusal itself matters more than that it could not be recorded.
  await record({ event: "token.refuse", outcome: "refused", source, reason }).catch(() => {});
}

async function listenedSecret(
  found: FoundToken,
  context: SourceContext,
  source: string,
  mask: boolean,
): Promise<Secret> {
  const { value } = found;
  const text = typeof value === "string" ? value : value.reveal();
  const { token } = acceptToken(text, found.where);
  if (mask && inKernel()) {
    const { maskOutputs } = await import("../kernel/mask/mask.ts");
    maskOutputs({ secrets: [token], onWarning: context.notice });
  }
  return new Secret(token, {
    onReveal: revealListener(
      context.record,
      source,
      () => context.notice("A use of the token could not be recorded in the audit log"),
    ),
  });
}
