/**
 * A token kept in the keychain of the operating system.
 *
 * @module
 */

import { SourceError } from "../errors.ts";
import { loadOptionalPackage } from "./optional_package.ts";
import type { TokenSource } from "./source.ts";

/** Version range; 7 MiB, with a native part for this system. */
const KEYRING = "npm:@napi-rs/keyring@^2.1.2";

/** The part of the keyring package that is used. */
export interface KeyringPackage {
  /** One entry, named by service and account. */
  Entry: new (service: string, account: string) => {
    setPassword(password: string): void;
  };
  /** Lists a service's entries; throws where no keychain runs. */
  findCredentials(service: string): { account: string; password: string }[];
}

/** Which entry of the keychain holds the token. */
export interface KeychainOptions {
  /** The service. Default `huggingface`. */
  readonly service?: string;
  /** The account. Default `HF_TOKEN`. */
  readonly account?: string;
  /** Loads the keyring package. Default: `npm:@napi-rs/keyring`, when the source is read. */
  readonly load?: () => Promise<KeyringPackage>;
}

/**
 * The token is in the macOS Keychain, the Windows Credential Manager, or a Secret Service such as
 * GNOME Keyring or KWallet. Python's `keyring.get_password(service, account)` reads the same entry.
 *
 * The kernel keyring of Linux, which forgets everything at the next start, is not used: where no
 * keychain runs, reading and writing fail and say so.
 *
 * Needs `--allow-ffi`, `--allow-read`, `--allow-env` and `--allow-sys` for the package (7 MiB,
 * downloaded on first use).
 *
 * @param options Which entry.
 * @returns A source for `loadToken`; `rotateToken` can write to it.
 *
 * @example Put a token there once, and load it in every notebook
 * ```ts ignore
 * import { keychain, loadToken, rotateToken } from "hushbook";
 *
 * await rotateToken((await loadToken()).secret, { home: keychain() });
 * const { source } = await loadToken({ sources: [keychain()] });
 * ```
 */
export function keychain(options: KeychainOptions = {}): TokenSource {
  const { service = "huggingface", account = "HF_TOKEN" } = options;
  const where = `${service}/${account}`;
  return {
    name: "keychain",
    async read() {
      const purpose = "read the token from";
      const keyring = await open(options, service, purpose);
      const value = guarded(purpose, () => onlyPassword(keyring, service, account));
      return value === null ? null : { value, where };
    },
    async write(_context, token) {
      const purpose = "write the token to";
      const keyring = await open(options, service, purpose);
      const value = token.reveal();
      guarded(purpose, () => new keyring.Entry(service, account).setPassword(value));
      // Some backends say yes and keep nothing: only what can be read back was kept.
      if (guarded(purpose, () => onlyPassword(keyring, service, account)) !== value) {
        throw new SourceError(
          "source-failed",
          "Cannot write the token to the keychain: it did not keep it; save it encrypted instead, with `hushbook token save`",
        );
      }
      return { where };
    },
  };
}

/**
 * Reads by listing: other programs, Python's keyring among them, may have made an entry of the same
 * service and account beside ours, and the package then refuses to read either.
 */
function onlyPassword(keyring: KeyringPackage, service: string, account: string): string | null {
  const entries = keyring.findCredentials(service).filter((entry) => entry.account === account);
  const [first] = entries;
  if (first === undefined) return null;
  if (entries.some(({ password }) => password !== first.password)) {
    throw new SourceError(
      "source-setup",
      `Cannot read the token from the keychain: it has ${entries.length} different entries for ${service}/${account}; ` +
        "remove the one that is out of date, with the system's keychain program",
    );
  }
  return first.password;
}

async function open(
  options: KeychainOptions,
  service: string,
  purpose: string,
): Promise<KeyringPackage> {
  const load = options.load ??
    (() => loadOptionalPackage<KeyringPackage>(KEYRING, `${purpose} the keychain`));
  const keyring = await load();
  try {
    // The package falls back to Linux's kernel keyring without a word; this call does not.
    keyring.findCredentials(service);
  } catch {
    throw new SourceError(
      "source-setup",
      `Cannot ${purpose} the keychain: none runs here (no Secret Service such as GNOME Keyring or KWallet, or it is locked); ` +
        "start or unlock one, or save the token encrypted with `hushbook token save`",
    );
  }
  return keyring;
}

function guarded<T>(purpose: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(
      "source-denied",
      `Cannot ${purpose} the keychain: it is locked or refused; unlock it and try again`,
    );
  }
}
