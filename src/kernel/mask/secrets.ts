/**
 * The secrets that outputs may not show. There is one set per process, also when the module was
 * loaded twice (a notebook that imports two versions): it hangs on a symbol of the global object,
 * and keeps what it knows to itself.
 *
 * @module
 */

import { codesOf } from "./colour.ts";
import { spellings } from "./encodings.ts";
import { Finder } from "./finder.ts";
import { search } from "./search.ts";

/** What stands where a secret was. */
export const MASKED = "[masked]";

/** Shorter secrets would be found in ordinary text. */
export const SHORTEST_SECRET = 8;

interface SecretSet {
  add(secret: string): boolean;
  mask(text: string): string;
  readonly size: number;
}

const KEY = Symbol.for("hushbook.secrets.1");

function createSet(): SecretSet {
  const secrets = new Set<string>();
  let finder: Finder | undefined;
  return Object.freeze({
    add(secret: string): boolean {
      if (secret.length < SHORTEST_SECRET) return false;
      if (!secrets.has(secret)) {
        secrets.add(secret);
        finder = undefined;
      }
      return true;
    },
    mask(text: string): string {
      if (secrets.size === 0 || text.length < SHORTEST_SECRET) return text;
      finder ??= new Finder(
        [...secrets].flatMap(spellings).filter((spelling) => spelling.length >= SHORTEST_SECRET),
      );
      return maskWith(finder, text);
    },
    get size(): number {
      return secrets.size;
    },
  });
}

function maskWith(finder: Finder, text: string): string {
  const spans = search(text, finder);
  if (spans.length === 0) return text;
  let result = "";
  let at = 0;
  for (const { start, end } of spans) {
    result += text.slice(at, start) + MASKED + codesOf(text.slice(start, end));
    at = end;
  }
  return result + text.slice(at);
}

function secretSet(): SecretSet {
  const holder = globalThis as { [KEY]?: SecretSet };
  const existing = holder[KEY];
  if (existing !== undefined) return existing;
  const created = createSet();
  Object.defineProperty(globalThis, KEY, { value: created, enumerable: false });
  return created;
}

/**
 * Remembers a secret, so that {@link maskText} and an installed output mask hide it from now on.
 * There is no way to read it back.
 *
 * @param secret The secret, as it would be sent.
 * @returns False when it is shorter than 8 characters and therefore ignored.
 */
export function registerSecret(secret: string): boolean {
  return secretSet().add(secret);
}

/**
 * Replaces every registered secret in a text, in each of its spellings, also when colour codes stand
 * inside or when only 12 characters or more of its beginning or end are there.
 *
 * @param text Any text.
 * @returns The text with `[masked]` in place of each, or the same text when there is none.
 *
 * @example Also in base64, and when only the beginning is there
 * ```ts
 * import { maskOutputs, maskText } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * maskOutputs({ secrets: ["pass-4711-word-081"] });
 * assert.equal(maskText("x-key: pass-4711-word-081"), "x-key: [masked]");
 * assert.equal(maskText("pass-4711-word…"), "[masked]…");
 * assert.equal(maskText(btoa("pass-4711-word-081")), "[masked]");
 * ```
 */
export function maskText(text: string): string {
  return secretSet().mask(text);
}

/**
 * How many secrets are registered.
 *
 * @returns Their number.
 */
export function registeredSecrets(): number {
  return secretSet().size;
}
