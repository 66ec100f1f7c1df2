/**
 * A value that can be handed around, printed and serialised without being shown.
 *
 * @module
 */

import { fingerprint } from "./fingerprint.ts";
import { type TokenKind, validateToken } from "./validate.ts";

/**
 * What sort of secret it is: a `user` access token, an `oauth` token, an `oidc` token (a JWT), an
 * `unknown` token of the Hub (formats change), or some `other` secret, such as a cloud password.
 */
export type SecretKind = TokenKind | "other";

/** How a {@link Secret} is made. */
export interface SecretOptions {
  /** What sort of secret it is; without it, whatever {@link validateToken} says. */
  readonly kind?: SecretKind;
  /**
   * Called before each {@link Secret.reveal} returns, so that it can be recorded. What it throws
   * reaches the caller of `reveal`, and the value does not.
   */
  readonly onReveal?: (secret: Secret) => void;
}

const BEGINNINGS: Readonly<Record<SecretKind, string>> = {
  user: "hf_…",
  oauth: "hf_oauth_…",
  oidc: "hf_jwt_…",
  unknown: "hf_…",
  other: "…",
};

function kindOf(value: string): SecretKind {
  const check = validateToken(value);
  return check.valid ? check.kind : "other";
}

/**
 * A token behind glass: `console.log`, a cell's last line, `JSON.stringify`, a template string, an
 * error message, `structuredClone` and the debugger's property list show at most its kind and
 * fingerprint. {@link Secret.reveal} is the only way to the value.
 *
 * @example Only `reveal()` gives the value away
 * ```ts
 * import { Secret } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const token = ["hf", "x".repeat(34)].join("_");
 * const secret = new Secret(token);
 * assert.equal(`${secret}`, `Secret(hf_… ${secret.fingerprint})`);
 * assert.ok(!JSON.stringify({ secret }).includes(token));
 * assert.equal(secret.reveal(), token);
 * ```
 */
export class Secret {
  readonly #value: string;
  readonly #kind: SecretKind;
  readonly #onReveal: ((secret: Secret) => void) | undefined;
  #fingerprint: string | undefined;

  /**
   * Wraps a value.
   *
   * @param value The secret, exactly as it is sent; not empty.
   * @param options Its kind, and who is told when it is revealed.
   * @throws {TypeError} If the value is not a string, or is empty.
   */
  constructor(value: string, options: SecretOptions = {}) {
    if (typeof value !== "string" || value === "") {
      throw new TypeError("Cannot make a Secret: the value must be a string that is not empty");
    }
    this.#value = value;
    this.#kind = options.kind ?? kindOf(value);
    this.#onReveal = options.onReveal;
    Object.freeze(this);
  }

  /** What sort of secret it is. */
  get kind(): SecretKind {
    return this.#kind;
  }

  /** The first 12 hexadecimal digits of its SHA-256; see {@link fingerprint}. */
  get fingerprint(): string {
    return this.#fingerprint ??= fingerprint(this.#value);
  }

  /**
   * The value itself. Use it at once and keep it in no variable of a notebook: what a variable
   * holds, a variable explorer shows.
   *
   * @returns The secret, exactly as it was given.
   */
  reveal(): string {
    this.#onReveal?.(this);
    return this.#value;
  }

  /**
   * Kind and fingerprint, never the value.
   *
   * @returns Such as `Secret(hf_… 3fa9c1d2e4b5)`.
   */
  toString(): string {
    if (!(#kind in this)) return "Secret"; // the prototype itself, when something inspects it
    return `Secret(${BEGINNINGS[this.#kind]} ${this.fingerprint})`;
  }

  /**
   * What `JSON.stringify` writes: kind and fingerprint, never the value.
   *
   * @returns The same as {@link Secret.toString}.
   */
  toJSON(): string {
    return this.toString();
  }

  /**
   * What template strings, `+` and comparisons see: kind and fingerprint, never the value.
   *
   * @returns The same as {@link Secret.toString}.
   */
  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  /**
   * What `console.log` shows in Deno: kind and fingerprint, never the value.
   *
   * @returns The same as {@link Secret.toString}.
   */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  /**
   * What `util.inspect` shows in Node: kind and fingerprint, never the value.
   *
   * @returns The same as {@link Secret.toString}.
   */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /**
   * What a notebook cell shows: kind and fingerprint, never the value.
   *
   * @returns A bundle with `text/plain` only.
   */
  [Symbol.for("Jupyter.display")](): { "text/plain": string } {
    return { "text/plain": this.toString() };
  }
}
