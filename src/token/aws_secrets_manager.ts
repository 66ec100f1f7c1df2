/**
 * A token kept in AWS Secrets Manager.
 *
 * @module
 */

import { SourceError } from "../errors.ts";
import { jsonField, withJsonField } from "./json_field.ts";
import { loadOptionalPackage } from "./optional_package.ts";
import { settledBefore } from "./settled_before.ts";
import type { SourceContext, TokenSource } from "./source.ts";

/** Version range; 12 MiB with what it needs. */
const SDK = "npm:@aws-sdk/client-secrets-manager@^3.1164.0";

/** The part of the AWS SDK that is used. */
export interface AwsSecretsManagerSdk {
  /** The client; it finds credentials along the SDK's own chain. */
  SecretsManagerClient: new (
    config: Record<string, unknown>,
  ) => {
    send(command: unknown, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
    destroy(): void;
    config: { credentials(): Promise<AwsCredentials> };
  };
  /** Reads a secret. */
  GetSecretValueCommand: new (input: { SecretId: string }) => unknown;
  /** Writes a new version of a secret. */
  PutSecretValueCommand: new (input: { SecretId: string; SecretString: string }) => unknown;
}

/** The secret part of AWS credentials; the output mask is told of it. */
export interface AwsCredentials {
  /** The secret access key. */
  readonly secretAccessKey: string;
  /** The session token of temporary credentials. */
  readonly sessionToken?: string;
}

/** Where in AWS Secrets Manager the token is. */
export interface AwsSecretsManagerOptions {
  /** Name or ARN of the secret. */
  readonly secretId: string;
  /**
   * The region, such as `eu-central-1`. Default: as the AWS SDK finds it (`AWS_REGION`, the
   * profile).
   */
  readonly region?: string;
  /**
   * The field, when the secret is a JSON object. Default: the first there is of `HF_TOKEN`,
   * `token`, `huggingface_token`, `value`. A secret that is plain text is the token itself.
   */
  readonly field?: string;
  /** Longest wait in ms. Default 10 000. */
  readonly timeoutMs?: number;
  /** Options for the SDK's client, such as the `endpoint` of a gateway. */
  readonly clientOptions?: Readonly<Record<string, unknown>>;
  /** Loads the AWS SDK. Default: `npm:@aws-sdk/client-secrets-manager`, when the source is read. */
  readonly load?: () => Promise<AwsSecretsManagerSdk>;
}

/**
 * The token is a secret, or a field of a JSON secret, in AWS Secrets Manager. Credentials come from
 * the AWS SDK's own chain: environment, profile, single sign-on, container, instance.
 *
 * Needs `--allow-net`, `--allow-env`, `--allow-read` and `--allow-sys` for the SDK (12 MiB,
 * downloaded on first use).
 *
 * @param options Which secret.
 * @returns A source for `loadToken`; `rotateToken` can write to it.
 *
 * @example Asked after the environment and `.env`
 * ```ts ignore
 * import { awsSecretsManager, loadToken } from "hushbook";
 *
 * const sources = [awsSecretsManager({ secretId: "huggingface", region: "eu-central-1" })];
 * const { secret, fingerprint } = await loadToken({ sources });
 * ```
 */
export function awsSecretsManager(options: AwsSecretsManagerOptions): TokenSource {
  const { secretId, field } = options;
  return {
    name: "aws",
    async read(context) {
      const secret = await call(options, context, "read", async (sdk, send) => {
        return await send(new sdk.GetSecretValueCommand({ SecretId: secretId }));
      });
      if (secret === null) return null;
      const { SecretString: text, CreatedDate: created } = secret as {
        SecretString?: unknown;
        CreatedDate?: unknown;
      };
      const where = secretId;
      const value = jsonField(text, field, `AWS Secrets Manager (${secretId})`);
      return { value, where, ...(created instanceof Date && { createdAt: created.getTime() }) };
    },
    async write(context, token) {
      const done = await call(options, context, "write", async (sdk, send) => {
        const old = await send(new sdk.GetSecretValueCommand({ SecretId: secretId })) as {
          SecretString?: unknown;
        };
        const SecretString = withJsonField(
          old.SecretString,
          field,
          token.reveal(),
          `AWS Secrets Manager (${secretId})`,
        );
        return await send(new sdk.PutSecretValueCommand({ SecretId: secretId, SecretString }));
      });
      if (done === null) throw missing(secretId);
      return { where: secretId };
    },
  };
}

type Send = (command: unknown) => Promise<unknown>;

async function call(
  options: AwsSecretsManagerOptions,
  context: SourceContext,
  verb: "read" | "write",
  work: (sdk: AwsSecretsManagerSdk, send: Send) => Promise<unknown>,
): Promise<unknown> {
  const { secretId, region, timeoutMs = 10_000 } = options;
  const purpose = verb === "read"
    ? `read the token from AWS Secrets Manager (${secretId})`
    : `write the token to AWS Secrets Manager (${secretId})`;
  const load = options.load ?? (() => loadOptionalPackage<AwsSecretsManagerSdk>(SDK, purpose));
  const sdk = await load();
  const timeout = AbortSignal.timeout(timeoutMs);
  const abortSignal = context.signal ? AbortSignal.any([context.signal, timeout]) : timeout;
  const client = new sdk.SecretsManagerClient({
    ...(region && { region }),
    maxAttempts: 2,
    ...options.clientOptions,
  });
  try {
    const credentials = await settledBefore(abortSignal, client.config.credentials());
    context.protect?.(credentials.secretAccessKey);
    if (credentials.sessionToken) context.protect?.(credentials.sessionToken);
    return await work(sdk, (command) => client.send(command, { abortSignal }));
  } catch (error) {
    context.signal?.throwIfAborted();
    if (nameOf(error) === "ResourceNotFoundException") return null;
    throw refusal(error, `Cannot ${purpose}`, timeout.aborted, timeoutMs);
  } finally {
    client.destroy();
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** The SDK's message may quote the request; its error's name says enough. */
function refusal(error: unknown, action: string, late: boolean, timeoutMs: number): Error {
  if (error instanceof SourceError) return error;
  const name = nameOf(error);
  const code = (error as { code?: unknown } | null)?.code;
  const refuse = (code: SourceError["code"], why: string) =>
    new SourceError(code, `${action}: ${why}`);
  if (late || name === "TimeoutError") {
    return refuse("source-timeout", `AWS did not answer within ${timeoutMs / 1000} s; try again`);
  }
  if (/CredentialsProviderError|TokenProviderError|SSOTokenProvider/u.test(name)) {
    return refuse(
      "source-setup",
      "no AWS credentials were found; run `aws sso login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    );
  }
  const said = error instanceof Error ? error.message : "";
  if (name === "DecryptionFailure" || (/AccessDenied/u.test(name) && /\bKMS\b/u.test(said))) {
    return refuse(
      "source-denied",
      "AWS cannot decrypt it with its KMS key; check the key's policy",
    );
  }
  if (
    /AccessDenied|UnrecognizedClient|InvalidClientToken|Signature|ExpiredToken|RequestExpired|TooSkewed|NotAuthorized|OptInRequired/u
      .test(name)
  ) {
    return refuse(
      "source-denied",
      `AWS refused the credentials or they may not use this secret (${name}); check them and the policy`,
    );
  }
  if (/Throttl|TooManyRequests|LimitExceeded/u.test(name)) {
    return refuse("source-throttled", "too many requests; wait a minute and try again");
  }
  if (name === "InvalidRequestException") {
    return refuse(
      "source-deleted",
      "the secret is marked for deletion; restore it, or name another",
    );
  }
  if (name === "SyntaxError" || /deserialization/iu.test(name)) {
    return refuse(
      "source-malformed",
      "the answer is not that of AWS; check the endpoint and proxies",
    );
  }
  if (/region/iu.test(said) && code === undefined) {
    return refuse(
      "source-setup",
      "no region of AWS is known; give `region`, such as eu-central-1, or set AWS_REGION",
    );
  }
  if (typeof code === "string" && /CERT|TLS|SSL|SELF_SIGNED/u.test(code)) {
    return refuse(
      "source-tls",
      "the certificate is not trusted; name yours in NODE_EXTRA_CA_CERTS",
    );
  }
  if (typeof code === "string" && /^E[A-Z_]+$/u.test(code)) {
    return refuse(
      "source-unreachable",
      `no connection came about (${code}); check network and region`,
    );
  }
  return refuse(
    "source-failed",
    `AWS answered with ${/^[A-Za-z]+$/u.test(name) ? name : "an error"}`,
  );
}

function missing(secretId: string): SourceError {
  return new SourceError(
    "source-setup",
    `Cannot write the token to AWS Secrets Manager (${secretId}): there is no such secret; create it first with \`aws secretsmanager create-secret\``,
  );
}
