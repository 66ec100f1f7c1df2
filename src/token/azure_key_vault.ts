/**
 * A token kept in Azure Key Vault.
 *
 * @module
 */

import { SourceError } from "../errors.ts";
import { jsonField, withJsonField } from "./json_field.ts";
import { settledBefore } from "./settled_before.ts";
import { loadOptionalPackage } from "./optional_package.ts";
import type { SourceContext, TokenSource } from "./source.ts";

/** Version ranges; with what they need, 36 MiB together. */
const IDENTITY = "npm:@azure/identity@^4.14.1";
const SECRETS = "npm:@azure/keyvault-secrets@^4.12.0";

/** Something that gets access tokens from Microsoft Entra, such as a `DefaultAzureCredential`. */
export interface AzureCredential {
  /** Gets an access token for these scopes. */
  getToken(
    scopes: string | string[],
    options?: Record<string, unknown>,
  ): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}

/** A secret as the Key Vault client returns it. */
export interface AzureSecret {
  /** Its text. */
  readonly value?: string;
  /** Its dates. */
  readonly properties: {
    readonly createdOn?: Date;
    readonly notBefore?: Date;
    readonly expiresOn?: Date;
  };
}

/** The part of the Azure SDK that is used. */
export interface AzureSdk {
  /** Makes the credential; `DefaultAzureCredential` of `@azure/identity`. */
  DefaultAzureCredential: new () => AzureCredential;
  /** The client of `@azure/keyvault-secrets`. */
  SecretClient: new (
    vaultUrl: string,
    credential: AzureCredential,
    options?: Record<string, unknown>,
  ) => {
    getSecret(name: string, options?: { abortSignal?: AbortSignal }): Promise<AzureSecret>;
    setSecret(
      name: string,
      value: string,
      options?: { abortSignal?: AbortSignal },
    ): Promise<unknown>;
  };
}

/** Where in Azure the token is. */
export interface AzureKeyVaultOptions {
  /** The vault's address, such as `https://team.vault.azure.net`. */
  readonly vaultUrl: string;
  /** The secret's name. */
  readonly name: string;
  /** The field, when the secret is a JSON object; see `awsSecretsManager`. */
  readonly field?: string;
  /** Longest wait in ms, signing in included. Default 20 000. */
  readonly timeoutMs?: number;
  /** The credential. Default: `new DefaultAzureCredential()` of `@azure/identity`. */
  readonly credential?: AzureCredential;
  /** Options for the Key Vault client, for sovereign clouds and gateways. */
  readonly clientOptions?: Readonly<Record<string, unknown>>;
  /** Loads the Azure SDK. Default: the two npm packages, when the source is read. */
  readonly load?: () => Promise<AzureSdk>;
}

/**
 * The token is a secret in Azure Key Vault. Credentials come from `DefaultAzureCredential`:
 * environment, workload or managed identity, Azure CLI, PowerShell, Developer CLI.
 *
 * Needs `--allow-net`, `--allow-env`, `--allow-read`, `--allow-sys` and `--allow-run` (for the
 * Azure CLI) for the SDK (36 MiB, downloaded on first use).
 *
 * @param options Which secret.
 * @returns A source for `loadToken`; `rotateToken` can write to it.
 *
 * @example Asked after the environment and `.env`
 * ```ts ignore
 * import { azureKeyVault, loadToken } from "hushbook";
 *
 * const sources = [azureKeyVault({ vaultUrl: "https://team.vault.azure.net", name: "huggingface" })];
 * const { secret, fingerprint } = await loadToken({ sources });
 * ```
 */
export function azureKeyVault(options: AzureKeyVaultOptions): TokenSource {
  const { name, field } = options;
  const where = `${hostOf(options.vaultUrl)}/${name}`;
  return {
    name: "azure",
    async read(context) {
      const secret = await call(options, context, "read", where, (client, abortSignal) => {
        return client.getSecret(name, { abortSignal });
      });
      if (secret === null) return null;
      const { createdOn, notBefore, expiresOn } = secret.properties;
      // Azure gives it all the same: its dates are advice to whoever uses it.
      if (notBefore !== undefined && notBefore.getTime() > context.now()) {
        context.notice(
          `The secret ${where} in Azure Key Vault is not to be used before ${notBefore.toISOString()}`,
        );
      }
      return {
        value: jsonField(secret.value, field, `Azure Key Vault (${where})`),
        where,
        ...(createdOn && { createdAt: createdOn.getTime() }),
        ...(expiresOn && { expiresAt: expiresOn.getTime() }),
      };
    },
    async write(context, token) {
      await call(options, context, "write", where, async (client, abortSignal) => {
        let old: AzureSecret | undefined;
        try {
          old = await client.getSecret(name, { abortSignal });
        } catch (error) {
          if (codeOf(error) !== "SecretNotFound") throw error;
        }
        const at = `Azure Key Vault (${where})`;
        const text = withJsonField(old?.value, field, token.reveal(), at);
        await client.setSecret(name, text, { abortSignal });
        return null;
      });
      return { where };
    },
  };
}

function hostOf(vaultUrl: string): string {
  const url = URL.parse(vaultUrl);
  if (url === null || url.protocol !== "https:" || url.username || url.password) {
    throw new SourceError(
      "source-setup",
      "Cannot use Azure Key Vault: `vaultUrl` is not an https address such as https://team.vault.azure.net",
    );
  }
  return url.host;
}

type Client = InstanceType<AzureSdk["SecretClient"]>;

async function call<T>(
  options: AzureKeyVaultOptions,
  context: SourceContext,
  verb: "read" | "write",
  where: string,
  work: (client: Client, abortSignal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const { timeoutMs = 20_000 } = options;
  const purpose = `${
    verb === "read" ? "read the token from" : "write the token to"
  } Azure Key Vault (${where})`;
  const sdk = await (options.load?.() ?? loadSdk(purpose, options.credential === undefined));
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = context.signal ? AbortSignal.any([context.signal, timeout]) : timeout;
  try {
    protectVariable(context, "AZURE_CLIENT_SECRET");
    const credential = protecting(options.credential ?? new sdk.DefaultAzureCredential(), context);
    const client = new sdk.SecretClient(options.vaultUrl, credential, {
      retryOptions: { maxRetries: 1 },
      ...options.clientOptions,
    });
    return await settledBefore(signal, work(client, signal));
  } catch (error) {
    context.signal?.throwIfAborted();
    if (codeOf(error) === "SecretNotFound") return null;
    throw refusal(error, `Cannot ${purpose}`, timeout.aborted, timeoutMs);
  }
}

async function loadSdk(purpose: string, identity: boolean): Promise<AzureSdk> {
  const together = identity ? [SECRETS, IDENTITY] : [SECRETS];
  const load = (specifier: string) => loadOptionalPackage<AzureSdk>(specifier, purpose, together);
  const [secrets, { DefaultAzureCredential }] = await Promise.all([
    load(SECRETS),
    identity ? load(IDENTITY) : Promise.resolve({} as AzureSdk),
  ]);
  return { SecretClient: secrets.SecretClient, DefaultAzureCredential };
}

function protectVariable(context: SourceContext, name: string): void {
  const value = context.env(name);
  if (value) context.protect?.(value);
}

/** Access tokens pass through here once on their way to the client, and are masked from then on. */
function protecting(credential: AzureCredential, context: SourceContext): AzureCredential {
  return {
    async getToken(scopes, options) {
      const access = await credential.getToken(scopes, options);
      if (access !== null) context.protect?.(access.token);
      return access;
    },
  };
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** Why Key Vault forbids it, in its own terms; older answers say so only in their message. */
function innerCode(error: unknown): string {
  const { details, message } = (error ?? {}) as { details?: unknown; message?: unknown };
  type Inner = { code?: unknown };
  const { error: body } = (details ?? {}) as { error?: { innererror?: Inner; innerError?: Inner } };
  const code = (body?.innererror ?? body?.innerError)?.code; // the SDK spells it its own way
  if (typeof code === "string") return code;
  if (/firewall|address is not authorized/iu.test(String(message))) return "ForbiddenByFirewall";
  return /disabled secret/iu.test(String(message)) ? "SecretDisabled" : "";
}

/** The SDK's message quotes requests and tenants; its name, code and status say enough. */
function refusal(error: unknown, action: string, late: boolean, timeoutMs: number): Error {
  if (error instanceof SourceError) return error;
  const { name = "", statusCode } = (error ?? {}) as { name?: string; statusCode?: unknown };
  const code = codeOf(error);
  const refuse = (code: SourceError["code"], why: string) =>
    new SourceError(code, `${action}: ${why}`);
  if (late || name === "AbortError") {
    return refuse("source-timeout", `Azure did not answer within ${timeoutMs / 1000} s; try again`);
  }
  if (/CredentialUnavailable|AggregateAuthentication/u.test(name)) {
    return refuse(
      "source-setup",
      "no Azure credentials were found; run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
    );
  }
  if (statusCode === 409) {
    return refuse(
      "source-deleted",
      "the secret is deleted and can still be recovered; recover it with `az keyvault secret recover`, or purge it",
    );
  }
  const inner = statusCode === 403 ? innerCode(error) : "";
  if (inner === "ForbiddenByFirewall") {
    return refuse(
      "source-denied",
      "the vault's firewall does not let this machine in; have its address allowed, or use the vault's private network",
    );
  }
  if (inner === "SecretDisabled") {
    return refuse(
      "source-denied",
      "the secret is disabled; enable it, or write a new version: hushbook token rotate --home azure:…",
    );
  }
  if (
    /^Authentication(?:Required)?Error$/u.test(name) || statusCode === 401 || statusCode === 403
  ) {
    return refuse(
      "source-denied",
      "Azure refused the credentials, or they may not use this secret; check them and the vault's access policy",
    );
  }
  if (statusCode === 429) return refuse("source-throttled", "too many requests; wait a minute");
  if (statusCode === 404) return refuse("source-setup", "no such vault; check `vaultUrl`");
  if (/CERT|TLS|SSL|SELF_SIGNED/u.test(code)) {
    return refuse(
      "source-tls",
      "the certificate is not trusted; name yours in NODE_EXTRA_CA_CERTS",
    );
  }
  if (code === "PARSE_ERROR" || (code === "" && statusCode === undefined)) {
    return refuse("source-malformed", "the answer is not one of Key Vault; check `vaultUrl`");
  }
  if (code === "REQUEST_SEND_ERROR" || /^E[A-Z_]+$/u.test(code)) {
    return refuse(
      "source-unreachable",
      "no connection came about; check `vaultUrl` and the network",
    );
  }
  return refuse(
    "source-failed",
    `Azure answered with ${
      typeof statusCode === "number" ? `status ${statusCode}` : "an error"
    }; try again later`,
  );
}
