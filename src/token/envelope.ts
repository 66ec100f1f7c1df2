/**
 * The encrypted form of a stored token: a compact JWE (RFC 7516) that any JOSE tool can open with
 * the password, `PBES2-HS512+A256KW` with `A256GCM`.
 *
 * @module
 */

import { StoreError } from "../errors.ts";

/** What the key is made of: this machine's key file, a passphrase, or both together. */
export type StoreMode = "machine" | "passphrase" | "both";

/**
 * What the protected header tells without the password; it is authenticated when the file is
 * opened.
 */
export interface EnvelopeHeader {
  /** What the key is made of. */
  readonly mode: StoreMode;
  /** When the token was stored, in seconds since 1970 (RFC 7519 `iat`). */
  readonly iat: number;
  /** The token's fingerprint. */
  readonly fingerprint: string;
}

/** What is encrypted. */
export interface EnvelopeContent {
  /** The token. */
  readonly token: string;
  /** When the Hub made the token, in ms since 1970, where known. */
  readonly createdAt?: number;
  /** When it expires, in ms since 1970, where known. */
  readonly expiresAt?: number;
  /** What a new token is had for when this one expires (OAuth 2.0, RFC 6749, 1.5). */
  readonly refreshToken?: string;
}

const ALGORITHM = "PBES2-HS512+A256KW";
const ENCRYPTION = "A256GCM";
const TYPE = "hushbook-token+jwe";

/**
 * Rounds of PBKDF2-HMAC-SHA512 when writing: nearly three times what OWASP's Password Storage Cheat
 * Sheet asks (210 000).
 */
export const ROUNDS = 600_000;
/** Fewer rounds than this are refused when reading: nobody may slip us an easy file. */
const LEAST_ROUNDS = 480_000;
/** More rounds than this are refused when reading: nobody may keep the kernel busy for minutes. */
const MOST_ROUNDS = 2_000_000;
/** The largest file that is read, in bytes. */
const MOST_BYTES = 65_536;

const encoder = new TextEncoder();

function refused(why: string): StoreError {
  return new StoreError(
    "store-refused",
    `Cannot open the stored token: ${why}, so hushbook did not write it. ` +
      "Nothing was tried. Store the token again: hushbook token save",
  );
}

function damaged(why: string): StoreError {
  return new StoreError(
    "store-damaged",
    `Cannot open the stored token: the file is damaged (${why}). ` +
      "Store the token again: hushbook token save",
  );
}

/** Loaded when first used: whoever has the token in a variable must not pay for it. */
async function loadJose(): Promise<typeof import("jose")> {
  try {
    return await import("jose");
  } catch {
    throw new StoreError(
      "store-library",
      "Cannot use the encrypted token file: the library jose is not there. Connect to the network and try " +
        "again, or fetch it once: deno cache npm:jose@6; outside hushbook's own folder also add it to " +
        "your deno.json: deno add npm:jose@6",
    );
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(json: Uint8Array): Record<string, unknown> | null {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function fromBase64Url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/**
 * Reads the protected header and refuses everything that hushbook would not have written, before
 * any key is derived: other algorithms, fewer than 480 000 or more than 2 000 000 rounds, a short
 * salt.
 *
 * @param jwe The compact JWE.
 * @returns Mode, time and fingerprint, not yet authenticated.
 * @throws {StoreError} `store-damaged` if it is no JWE, `store-refused` if it is another's or a
 * weak one.
 */
export function readEnvelopeHeader(jwe: string): EnvelopeHeader {
  if (jwe.length > MOST_BYTES) throw refused(`it is larger than ${MOST_BYTES} bytes`);
  const parts = jwe.split(".");
  if (parts.length !== 5) throw damaged("it is not a JWE of five parts");
  const sizes = parts.map((part) => fromBase64Url(part)?.length ?? -1);
  if (sizes.includes(-1)) throw damaged("a part of it is not base64url");
  const header = parse(fromBase64Url(parts[0]!)!);
  if (header === null) throw damaged("its header is not JSON");
  if (header.alg !== ALGORITHM) throw refused(`its "alg" is not ${ALGORITHM}`);
  if (header.enc !== ENCRYPTION) throw refused(`its "enc" is not ${ENCRYPTION}`);
  for (const name of ["zip", "crit", "jwk", "jku", "x5u", "x5c", "epk"]) {
    if (name in header) throw refused(`its header has "${name}"`);
  }
  const rounds = header.p2c;
  if (!Number.isSafeInteger(rounds)) throw refused(`its "p2c" is not a whole number`);
  if (rounds as number < LEAST_ROUNDS) throw refused(`its "p2c" is under ${LEAST_ROUNDS}`);
  if (rounds as number > MOST_ROUNDS) throw refused(`its "p2c" is over ${MOST_ROUNDS}`);
  const salt = typeof header.p2s === "string" ? fromBase64Url(header.p2s)?.length ?? 0 : 0;
  if (salt < 16 || salt > 128) throw refused(`its "p2s" is not a salt of 16 to 128 bytes`);
  // A wrapped 256-bit key, a 96-bit nonce and a 128-bit tag (RFC 7518, 4.8 and 5.3).
  if (sizes[1] !== 40 || sizes[2] !== 12 || sizes[4] !== 16) throw damaged("a part is cut short");
  const { mode, iat, fingerprint } = header;
  if (mode !== "machine" && mode !== "passphrase" && mode !== "both") {
    throw refused(`its "mode" is unknown`);
  }
  if (typeof iat !== "number" || !Number.isFinite(iat)) throw refused(`its "iat" is not a time`);
  if (typeof fingerprint !== "string" || !/^[0-9a-f]{12}$/.test(fingerprint)) {
    throw refused(`its "fingerprint" is not one`);
  }
  return { mode, iat, fingerprint };
}

/**
 * Encrypts a token.
 *
 * @param content The token and its dates.
 * @param password What the key is derived from.
 * @param header What can be read without the password.
 * @returns A compact JWE, one line without line end.
 */
export async function sealEnvelope(
  content: EnvelopeContent,
  password: string,
  header: EnvelopeHeader,
): Promise<string> {
  const { CompactEncrypt } = await loadJose();
  return await new CompactEncrypt(encoder.encode(JSON.stringify({ v: 1, ...content })))
    .setProtectedHeader({
      alg: ALGORITHM,
      enc: ENCRYPTION,
      typ: TYPE,
      cty: "application/json",
      ...header,
    })
    // jose would take 2048 rounds; see ROUNDS.
    .setKeyManagementParameters({ p2c: ROUNDS, p2s: crypto.getRandomValues(new Uint8Array(16)) })
    .encrypt(encoder.encode(password));
}

/**
 * Decrypts a token. The header is judged first: see {@link readEnvelopeHeader}.
 *
 * @param jwe The compact JWE.
 * @param password What the key is derived from.
 * @returns The content, or null if the password does not fit or the file was changed; the two
 * cannot be told apart, by design of the format.
 * @throws {StoreError} `store-damaged`, `store-refused`.
 */
export async function openEnvelope(
  jwe: string,
  password: string,
): Promise<EnvelopeContent | null> {
  readEnvelopeHeader(jwe);
  const { compactDecrypt, errors } = await loadJose();
  let plaintext: Uint8Array;
  try {
    ({ plaintext } = await compactDecrypt(jwe, encoder.encode(password), {
      keyManagementAlgorithms: [ALGORITHM],
      contentEncryptionAlgorithms: [ENCRYPTION],
      maxPBES2Count: MOST_ROUNDS,
    }));
  } catch (error) {
    if (error instanceof errors.JWEDecryptionFailed) return null;
    throw damaged("it is not a valid JWE");
  }
  const content = parse(plaintext);
  plaintext.fill(0);
  if (content === null || content.v !== 1 || typeof content.token !== "string") {
    throw refused("its content is not a token of this version");
  }
  const time = (value: unknown) => typeof value === "number" ? value : undefined;
  const createdAt = time(content.createdAt);
  const expiresAt = time(content.expiresAt);
  const { refreshToken } = content;
  return {
    token: content.token,
    ...(typeof refreshToken === "string" && { refreshToken }),
    ...(createdAt !== undefined && { createdAt }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}
