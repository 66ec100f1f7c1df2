/**
 * The encrypted token file in the private folder: `token.jwe`, with `token.jwe.sha256` beside it so
 * that a damaged file is not taken for a wrong passphrase, and `key` for the modes tied to this
 * machine.
 *
 * @module
 */

import { StoreError, UsageError } from "../errors.ts";
import { openStateFolder, stateFolder, type StateFolderOptions } from "../state/folder.ts";
import { type LockOptions, withLock } from "../state/lock.ts";
import { readPrivateFile, removePrivateFile, writePrivateFile } from "../state/private_file.ts";
import type { EnvelopeContent, EnvelopeHeader, StoreMode } from "./envelope.ts";

/** Where the store is and what it uses. */
export interface StoreOptions extends StateFolderOptions {
  /** The clock, in ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** The machine's id. Default what the system says. */
  readonly machineId?: () => Promise<string>;
}

/** What the store tells without being opened. */
export interface StoreInfo extends EnvelopeHeader {
  /** The file, absolute. */
  readonly path: string;
  /** SHA-256 of the file's text, in hexadecimal. */
  readonly sha256: string;
}

/** The largest file that is read, in bytes; a stored token has less than 1 KB. */
const MOST_BYTES = 65_536;

/** The shortest passphrase that is accepted (NIST SP 800-63B, 5.1.1.2). */
export const SHORTEST_PASSPHRASE = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Paths {
  readonly folder: string;
  readonly token: string;
  readonly sums: string;
  readonly key: string;
  readonly lock: string;
}

function pathsIn(folder: string): Paths {
  return {
    folder,
    token: `${folder}/token.jwe`,
    sums: `${folder}/token.jwe.sha256`,
    key: `${folder}/key`,
    lock: `${folder}/token.lock`,
  };
}

async function openFolder(options: StoreOptions): Promise<Paths> {
  return pathsIn(await openStateFolder(options));
}

async function hex256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The stored text and what it says of itself, or null when nothing is stored. */
async function readStore(paths: Paths, options: StoreOptions): Promise<Stored | null> {
  const onNotice = options.onNotice;
  const limits = { maxBytes: MOST_BYTES, ...(onNotice && { onNotice }) };
  const bytes = await readPrivateFile(paths.token, limits);
  if (bytes === null) return null;
  const jwe = decoder.decode(bytes).trim();
  const sha256 = await hex256(decoder.decode(bytes));
  const sums = await readPrivateFile(paths.sums, { maxBytes: 4096 });
  if (sums !== null && !decoder.decode(sums).includes(sha256)) {
    throw new StoreError(
      "store-damaged",
      `Cannot open the stored token: ${paths.token} is not as hushbook wrote it; it was changed or ` +
        `damaged. This counts as no wrong passphrase. If you put it there yourself, remove ` +
        `${paths.sums}; else store the token again: hushbook token save`,
    );
  }
  // Loaded here: looking whether anything is stored, which every load does, needs no cryptography.
  const { readEnvelopeHeader } = await import("./envelope.ts");
  return { jwe, info: { ...readEnvelopeHeader(jwe), path: paths.token, sha256 } };
}

interface Stored {
  readonly jwe: string;
  readonly info: StoreInfo;
}

/**
 * Looks at the stored token without opening it. Makes nothing.
 *
 * @param options The folder.
 * @returns Mode, time and fingerprint, or null when nothing is stored.
 * @throws {StoreError} `store-damaged` or `store-refused`, as when opening.
 */
export async function inspectStore(options: StoreOptions = {}): Promise<StoreInfo | null> {
  const stored = await readStore(pathsIn(options.folder ?? stateFolder(options)), options);
  return stored?.info ?? null;
}

/** A stored token that was opened. */
export interface OpenedStore {
  /** What is encrypted. */
  readonly content: EnvelopeContent;
  /** What was known before. */
  readonly info: StoreInfo;
}

/**
 * Opens the stored token once, under the store's lock.
 *
 * @param options The folder, and the passphrase for the modes that have one.
 * @returns The content, or null if key or passphrase do not fit.
 * @throws {StoreError} `store-missing`, `store-damaged`, `store-refused`, `store-key`.
 */
export async function openStore(
  options: StoreOptions & { readonly passphrase?: string } = {},
): Promise<OpenedStore | null> {
  const paths = await openFolder(options);
  const stored = await readStore(paths, options);
  if (stored === null) throw missing(paths);
  const password = await passwordFor(stored.info.mode, paths, options);
  const { openEnvelope } = await import("./envelope.ts");
  const content = await openEnvelope(stored.jwe, password);
  return content === null ? null : { content, info: stored.info };
}

/**
 * Runs a function while no other process writes the store or tries a passphrase on it.
 *
 * @param options The folder.
 * @param fn What to do.
 * @param wait How long to wait for the lock.
 * @returns What `fn` returns.
 */
export async function withStoreLock<T>(
  options: StoreOptions,
  fn: () => Promise<T>,
  wait: LockOptions = {},
): Promise<T> {
  return await withLock((await openFolder(options)).lock, fn, wait);
}

/**
 * Encrypts and stores a token in place of what is stored. Call it under the store's lock. The old
 * file is there, and opens, until the new one is whole on disk; what was written is opened once
 * before.
 *
 * @param content The token and its dates.
 * @param fingerprint The token's fingerprint.
 * @param options The folder, the mode, and the passphrase for the modes that have one.
 * @returns What the store now says of itself.
 * @throws {UsageError} If the mode has a passphrase and it is missing or shorter than 8 characters.
 */
export async function writeStore(
  content: EnvelopeContent,
  fingerprint: string,
  options: StoreOptions & { readonly mode: StoreMode; readonly passphrase?: string },
): Promise<StoreInfo> {
  const { mode, now = Date.now } = options;
  if (mode !== "machine") checkPassphrase(options.passphrase);
  const paths = await openFolder(options);
  if (mode !== "passphrase") {
    const { ensureMachineKey } = await import("./machine.ts");
    await ensureMachineKey(paths.key);
  }
  const password = await passwordFor(mode, paths, options);
  const header = { mode, iat: Math.floor(now() / 1000), fingerprint };
  const { openEnvelope, sealEnvelope } = await import("./envelope.ts");
  const jwe = await sealEnvelope(content, password, header);
  if ((await openEnvelope(jwe, password))?.token !== content.token) {
    throw new StoreError(
      "store-damaged",
      "Cannot store the token: what was encrypted does not open again. Nothing was changed",
    );
  }
  const sha256 = await replaceStored(paths.folder, `${jwe}\n`);
  return { ...header, path: paths.token, sha256 };
}

/**
 * Puts a sealed token in place of the stored one, and its sum beside it. Killed at any moment, it
 * leaves the old file or the new one, and a sum that fits it. Call it under the store's lock.
 *
 * @param folder The private folder.
 * @param text The compact JWE and a line end.
 * @returns SHA-256 of the text, in hexadecimal.
 */
export async function replaceStored(folder: string, text: string): Promise<string> {
  const paths = pathsIn(folder);
  const sha256 = await hex256(text);
  const sum = `${sha256}  token.jwe\n`;
  const old = await presentSum(paths);
  // Both sums while the file changes: killed in between, either file counts as whole.
  await writePrivateFile(paths.sums, encoder.encode(sum + old));
  await writePrivateFile(paths.token, encoder.encode(text));
  await writePrivateFile(paths.sums, encoder.encode(sum));
  return sha256;
}

/**
 * The sum of the file that is there, unless it is known to be damaged: it must not count as whole
 * now.
 */
async function presentSum(paths: Paths): Promise<string> {
  const token = await readPrivateFile(paths.token, { maxBytes: MOST_BYTES });
  if (token === null) return "";
  const sums = await readPrivateFile(paths.sums, { maxBytes: 4096 });
  const sum = await hex256(decoder.decode(token));
  return sums === null || decoder.decode(sums).includes(sum) ? `${sum}  token.jwe\n` : "";
}

/**
 * Removes the stored token, and the key file: without it, copies of the file tied to this machine
 * can never be opened again. Call it under the store's lock.
 *
 * @param options The folder.
 * @returns Whether a token was stored.
 */
export async function removeStore(options: StoreOptions = {}): Promise<boolean> {
  const paths = await openFolder(options);
  const removed = await removePrivateFile(paths.token);
  await removePrivateFile(paths.sums);
  await removePrivateFile(paths.key);
  return removed;
}

/**
 * Refuses a passphrase that is too short to protect anything.
 *
 * @param passphrase The passphrase.
 * @throws {UsageError} If it has fewer than 8 characters.
 */
export function checkPassphrase(passphrase: string | undefined): void {
  const length = [...(passphrase ?? "")].length;
  if (length >= SHORTEST_PASSPHRASE) return;
  throw new UsageError(
    `Cannot store the token: the passphrase has ${length} characters; ` +
      `take at least ${SHORTEST_PASSPHRASE}, better four words`,
  );
}

async function passwordFor(
  mode: StoreMode,
  paths: Paths,
  options: StoreOptions & { readonly passphrase?: string },
): Promise<string> {
  const { passphrase, machineId } = options;
  const id = machineId && { id: machineId };
  const { machinePassword, normalPassphrase } = await import("./machine.ts");
  if (mode === "machine") return await machinePassword(paths.key, { ...id });
  if (passphrase === undefined) {
    throw new StoreError("store-passphrase", "Cannot open the stored token: it needs a passphrase");
  }
  if (mode === "passphrase") return normalPassphrase(passphrase);
  return await machinePassword(paths.key, { passphrase, ...id });
}

function missing(paths: Paths): StoreError {
  return new StoreError(
    "store-missing",
    `Cannot open the stored token: nothing is stored in ${paths.folder}. ` +
      "Store one first: hushbook token save",
  );
}
