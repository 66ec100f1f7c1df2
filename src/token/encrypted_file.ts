/**
 * The stored, encrypted token as a source.
 *
 * @module
 */

import { Secret } from "../secret/secret.ts";
import { inspectStore, type StoreOptions } from "./store.ts";
import { remember } from "./session.ts";
import type { SourceContext, TokenSource } from "./source.ts";
import { type FailureCounter, unlockStore } from "./unlock.ts";

/** What {@link encryptedFile} may be told. */
export interface EncryptedFileOptions {
  /** The passphrase, or what gives it; default the person is asked. */
  readonly passphrase?: string | (() => string | Promise<string>);
  /** Counts wrong passphrases. Default the lockout in the private folder. */
  readonly lockout?: FailureCounter;
}

function storeOptions(context: SourceContext): StoreOptions {
  return {
    env: context.env,
    now: context.now,
    onNotice: context.notice,
    ...(context.folder !== undefined && { folder: context.folder }),
  };
}

/**
 * The token stored by `saveToken`, in `token.jwe` in the private folder. In the modes with a
 * passphrase the person is asked at most three times; once opened, the token stays in this
 * process's memory.
 *
 * Needs `--allow-read` and `--allow-write` for the private folder, `--allow-sys=uid`, and on Linux
 * `--allow-read=/etc/machine-id`.
 *
 * @param options The passphrase.
 * @returns A source for `loadToken({ order })`.
 */
export function encryptedFile(options: EncryptedFileOptions = {}): TokenSource {
  return {
    name: "store",
    async read(context) {
      const store = storeOptions(context);
      const info = await inspectStore(store);
      if (info === null) return null;
      const { passphrase } = options;
      const lockout = options.lockout ?? await defaultLockout(context);
      const opened = await remember(`${info.path}\0${info.sha256}`, async () => {
        const known = typeof passphrase === "function" ? await passphrase() : passphrase;
        const { person } = context;
        const unlocked = await unlockStore({
          ...store,
          person,
          lockout,
          ...(known !== undefined && { passphrase: known }),
        });
        if (unlocked === null) return null;
        const { token, refreshToken: _, ...dates } = unlocked.content;
        return { secret: new Secret(token), createdAt: info.iat * 1000, ...dates };
      });
      if (opened === null) return null;
      const { secret, ...dates } = opened;
      return { value: secret, where: info.path, ...dates };
    },
    async peek(context) {
      const info = await inspectStore(storeOptions(context));
      if (info === null) return [{ where: "token.jwe", found: false }];
      return [{ where: info.path, found: true, fingerprint: info.fingerprint }];
    },
  };
}

async function defaultLockout(context: SourceContext): Promise<FailureCounter> {
  const { Lockout } = await import("./lockout.ts");
  const { env, now, folder, record } = context;
  return new Lockout({
    env,
    now,
    audit: { append: record },
    ...(folder !== undefined && { folder }),
  });
}
