/**
 * What ties a stored token to this machine: a random key file, mixed with the machine's id and the
 * user's number.
 *
 * @module
 */

import { StoreError } from "../errors.ts";
import { readPrivateFile, writePrivateFile } from "../state/private_file.ts";

const encoder = new TextEncoder();

/** Separates this use of the key file from any other (RFC 5869 calls it `info`). */
const PURPOSE = "hushbook-token/v1";

/** Where Linux keeps the machine's id (machine-id(5)); the second is older D-Bus's. */
const LINUX_ID_FILES = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

/**
 * The id that the system gave this machine. It is no secret, may be equal on cloned machines, and
 * may be missing in containers; so it only adds to the key file. Never the host name, which
 * changes.
 *
 * Needs `--allow-read` for the files on Linux; `--allow-run=ioreg` on macOS, `--allow-run=reg` on
 * Windows.
 *
 * @returns The id, or an empty text where there is none.
 * @throws {StoreError} `store-key` if a permission is missing: without it the key would silently be
 * another.
 */
export async function machineId(): Promise<string> {
  if (Deno.build.os === "darwin") {
    const text = await ask("/usr/sbin/ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"]);
    return /"IOPlatformUUID"\s*=\s*"([^"]+)"/.exec(text)?.[1] ?? "";
  }
  if (Deno.build.os === "windows") {
    const key = "HKLM\\SOFTWARE\\Microsoft\\Cryptography";
    const text = await ask("reg", ["query", key, "/v", "MachineGuid"]);
    return /REG_SZ\s+(\S+)/.exec(text)?.[1] ?? "";
  }
  for (const path of LINUX_ID_FILES) {
    try {
      const id = (await Deno.readTextFile(path)).trim();
      // machine-id(5): "uninitialized" is what an image holds before its first start.
      if (/^[0-9a-f]{32}$/.test(id)) return id;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw noPermission(`--allow-read=${path}`);
    } // else not on this system
  }
  return "";
}

async function ask(program: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw noPermission(`--allow-run=${program}`);
    return "";
  }
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** 32 bytes in base64url. */
const KEY_FORM = /^[A-Za-z0-9_-]{43}$/;

async function readKey(path: string): Promise<string | null> {
  const file = await readPrivateFile(path, { maxBytes: 256 });
  return file === null ? null : new TextDecoder().decode(file).trim();
}

/**
 * Makes the key file if there is none, or a damaged one that opens nothing. Call it under the
 * store's lock.
 *
 * @param path The key file, absolute, in the private folder.
 * @returns Whether it was made now.
 */
export async function ensureMachineKey(path: string): Promise<boolean> {
  const present = await readKey(path);
  if (present !== null && KEY_FORM.test(present)) return false;
  const key = crypto.getRandomValues(new Uint8Array(32));
  await writePrivateFile(path, encoder.encode(`${base64Url(key)}\n`));
  key.fill(0);
  return true;
}

/**
 * The password that the mode `machine` or `both` stands for: HMAC-SHA-256 under the key file's 32
 * bytes over purpose, machine id, user number and, for `both`, the passphrase.
 *
 * @param path The key file.
 * @param options The passphrase of the mode `both`; the machine's id, default {@link machineId}.
 * @returns 43 characters of base64url.
 * @throws {StoreError} `store-key` if the key file is missing or damaged.
 */
export async function machinePassword(
  path: string,
  options: { readonly passphrase?: string; readonly id?: () => Promise<string> } = {},
): Promise<string> {
  const text = await readKey(path);
  if (text === null) throw noKey(path, "is missing");
  if (!KEY_FORM.test(text)) throw noKey(path, "is damaged");
  const bytes = Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.charCodeAt(0),
  );
  const key = await crypto.subtle.importKey(
    "raw",
    bytes,
    { name: "HMAC", hash: "SHA-256" },
    false,
    [
      "sign",
    ],
  );
  bytes.fill(0);
  const parts = [PURPOSE, await (options.id ?? machineId)(), String(Deno.uid() ?? "")];
  if (options.passphrase !== undefined) parts.push(normalPassphrase(options.passphrase));
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(parts.join("\0")));
  return base64Url(new Uint8Array(mac));
}

/**
 * A passphrase as it enters the key: in Unicode's normal form C, so that `é` typed on two keyboards
 * is the same passphrase.
 *
 * @param passphrase As it was typed.
 * @returns The normal form.
 */
export function normalPassphrase(passphrase: string): string {
  return passphrase.normalize("NFC");
}

function noKey(path: string, what: string): StoreError {
  return new StoreError(
    "store-key",
    `Cannot open the stored token: the key file ${path} ${what}, and without it nobody can. ` +
      "Put it back from where you keep it, or store the token again: hushbook token save",
  );
}

function noPermission(flag: string): StoreError {
  return new StoreError(
    "store-key",
    `Cannot use the stored token: this machine's id cannot be read; add ${flag}`,
  );
}
