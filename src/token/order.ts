/**
 * The order in which sources are asked.
 *
 * @module
 */

import { dotenv } from "./dotenv.ts";
import { encryptedFile } from "./encrypted_file.ts";
import { environment } from "./environment.ts";
import { hubLogin } from "./login_file.ts";
import { prompt } from "./prompt.ts";
import type { TokenSource } from "./source.ts";
import type { FailureCounter } from "./unlock.ts";

/**
 * Environment, `.env`, the sources the user configured, the encrypted file, the Hub's login file,
 * the person.
 *
 * @param options The configured sources, and what the encrypted file needs.
 * @returns The sources in order.
 */
export function defaultOrder(options: {
  readonly sources?: readonly TokenSource[];
  readonly passphrase?: string | (() => string | Promise<string>);
  readonly lockout?: FailureCounter;
}): readonly TokenSource[] {
  const { sources = [], passphrase, lockout } = options;
  return [
    environment(),
    dotenv(),
    ...sources,
    encryptedFile({
      ...(passphrase !== undefined && { passphrase }),
      ...(lockout !== undefined && { lockout }),
    }),
    hubLogin(),
    prompt(),
  ];
}
