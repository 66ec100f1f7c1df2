/**
 * Where a token is kept, as the command line names it: `keychain`, `vault:teams/nlp/hf#token`, …
 *
 * @module
 */

import { UsageError } from "../../src/errors.ts";
import type { TokenSource } from "../../src/token/source.ts";

/** What `--home` takes, for the help text. */
export const HOMES =
  "keychain, vault:[MOUNT:]PATH[#FIELD], aws:SECRET[#FIELD], azure:HOST/NAME[#FIELD]";

/**
 * Reads `--home`. The source's module is loaded only now.
 *
 * @param home What was given.
 * @returns The source.
 * @throws {UsageError} If it names no home.
 */
export async function homeOf(home: string): Promise<TokenSource> {
  const [, kind, place = "", field] = /^([a-z]+)(?::([^#]+))?(?:#(.+))?$/u.exec(home) ?? [];
  const inField = field === undefined ? {} : { field };
  if (kind === "keychain") {
    const { keychain } = await import("../../src/token/keychain.ts");
    const [service, account] = place.split("/");
    return keychain({ ...(service && { service }), ...(account && { account }) });
  }
  if (kind === "vault" && place !== "") {
    const { vault } = await import("../../src/token/vault.ts");
    const [, mount, path = place] = /^([^:]+):(.+)$/u.exec(place) ?? [];
    return vault({ path, ...(mount !== undefined && { mount }), ...inField });
  }
  if (kind === "aws" && place !== "") {
    const { awsSecretsManager } = await import("../../src/token/aws_secrets_manager.ts");
    return awsSecretsManager({ secretId: place, ...inField });
  }
  const [, host, name] = /^([^/]+)\/([^/]+)$/u.exec(place) ?? [];
  if (kind === "azure" && host !== undefined && name !== undefined) {
    const { azureKeyVault } = await import("../../src/token/azure_key_vault.ts");
    return azureKeyVault({ vaultUrl: `https://${host}`, name, ...inField });
  }
  throw new UsageError(`Cannot use --home: it must be one of ${HOMES}`);
}
