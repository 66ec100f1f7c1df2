/**
 * What a place that a token can come from has to be able to do. Environment, `.env`, the encrypted
 * file and the Hub's login file are such sources; so is anything a user configures.
 *
 * @module
 */

import type { Secret } from "../secret/secret.ts";
import type { EnvReader } from "../state/folder.ts";
import type { Person } from "./person.ts";
import type { Recorder } from "./record.ts";

/** What a source may use, so that each is tested without the real world. */
export interface SourceContext {
  /** Reads an environment variable. */
  readonly env: EnvReader;
  /** The working folder, absolute. */
  readonly cwd: () => string;
  /** The private folder, absolute, if it is not the default one. */
  readonly folder?: string;
  /** Sends requests. */
  readonly fetch: typeof globalThis.fetch;
  /** The clock, in ms since 1970. */
  readonly now: () => number;
  /** Aborts what takes time. */
  readonly signal?: AbortSignal;
  /** The person to ask, or null when nobody is to be asked. */
  readonly person: Person | null;
  /** Tells the user something in one sentence, without any secret. */
  readonly notice: (sentence: string) => void;
  /** Records an event in the audit log. */
  readonly record: Recorder;
  /** Makes the output mask hide a credential that a source uses, such as Vault's own token. */
  readonly protect?: (credential: string) => void;
}

/** A token that a source holds. */
export interface FoundToken {
  /** The token as it was found; it is cleaned and validated by who asked. */
  readonly value: string | Secret;
  /** Exactly where, for people: a variable's name, a file's path. */
  readonly where: string;
  /** When the token was made, or at least stored, in ms since 1970, where known. */
  readonly createdAt?: number;
  /** When it expires, in ms since 1970, where known. */
  readonly expiresAt?: number;
}

/** What one place shows without asking anybody, decrypting anything or using the network. */
export interface Sighting {
  /** Exactly where, for people. */
  readonly where: string;
  /** Whether there is something. */
  readonly found: boolean;
  /** The fingerprint of the token there, where it can be known. */
  readonly fingerprint?: string;
  /** Why it would not be used, in words that follow "not used:". */
  readonly skipped?: string;
}

/**
 * A place that a token can come from. The contract: null means "not here", and the next source is
 * asked; throwing means "here but broken", and no other source is asked, so that a broken token is
 * never silently replaced by another one.
 */
export interface TokenSource {
  /** A short name of letters, digits and `-`, such as `vault`; it is recorded in the audit log. */
  readonly name: string;
  /** True if reading may ask a person; such a source is never read to compare or explain. */
  readonly interactive?: boolean;
  /**
   * Reads the token.
   *
   * @param context What to use.
   * @returns The token, or null if this source has none.
   * @throws {HushbookError} If the token is here but cannot be used; never with any of it in the
   * message.
   */
  read(context: SourceContext): Promise<FoundToken | null>;
  /**
   * Looks without asking anybody, decrypting anything or using the network. A source that cannot do
   * that leaves this out; it then takes no part in comparing sources.
   *
   * @param context What to use.
   * @param options `thorough`: also finds out what takes a while, such as whether git tracks the
   * file.
   * @returns One row per place looked at.
   * @throws {HushbookError} If there is something, but it cannot be used.
   */
  peek?(
    context: SourceContext,
    options: { readonly thorough: boolean },
  ): Promise<readonly Sighting[]>;
  /**
   * Puts a new token in the place of the old one. A source that cannot be written leaves this out.
   *
   * @param context What to use.
   * @param token The new token.
   * @returns Exactly where it is now.
   * @throws {HushbookError} If it could not be written; the old token is then still there.
   */
  write?(context: SourceContext, token: Secret): Promise<{ readonly where: string }>;
}
