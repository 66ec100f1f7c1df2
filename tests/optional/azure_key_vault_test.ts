import assert from "node:assert/strict";
import type { SourceErrorCode } from "../../src/errors.ts";
import { Secret } from "../../src/secret/secret.ts";
import {
  type AzureCredential,
  azureKeyVault,
  type AzureKeyVaultOptions,
} from "../../src/token/azure_key_vault.ts";
import { selfSignedCertificate } from "../kit/certificate.ts";
import { sourceContext } from "../kit/context.ts";
import { needs } from "../kit/programs.ts";
import { assertSourceError } from "../kit/source_error.ts";
import { azureError, type StandInAzure, standInAzure } from "../kit/stand_in_azure.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(73);

/** The SDK's own sign-in, pointed at the stand-in. A variable specifier: the package is only for this test. */
async function signIn(server: StandInAzure, ca: string, secret: string): Promise<AzureCredential> {
  const specifier = "npm:@azure/identity@^4.14.1";
  const { ClientSecretCredential } = await import(specifier);
  return new ClientSecretCredential("tenant", "client", secret, {
    authorityHost: server.address,
    disableInstanceDiscovery: true,
    tlsOptions: { ca },
    retryOptions: { maxRetries: 0 },
  });
}

async function withServer(
  work: (
    source: (options?: Partial<AzureKeyVaultOptions>) => ReturnType<typeof azureKeyVault>,
    server: StandInAzure,
    ca: string,
  ) => Promise<void>,
): Promise<void> {
  using certificate = selfSignedCertificate();
  await using server = standInAzure(certificate);
  const ca = certificate.cert;
  const credential = await signIn(server, ca, server.clientSecret);
  const source = (options: Partial<AzureKeyVaultOptions> = {}) =>
    azureKeyVault({
      vaultUrl: server.address,
      name: "huggingface",
      credential,
      clientOptions: {
        disableChallengeResourceVerification: true,
        tlsOptions: { ca },
        retryOptions: { maxRetries: 0 },
      },
      ...options,
    });
  await work(source, server, ca);
}

Deno.test({
  ...needs(
    "azureKeyVault() reads and writes a secret through the real SDK, and has access tokens masked",
    "openssl",
  ),
  fn: () =>
    withServer(async (source, server) => {
      const context = sourceContext();
      assert.equal(await source().read(context), null);
      await source().write!(context, new Secret(token));
      const found = await source().read(context);
      assert.deepEqual(found, {
        value: token,
        where: `${new URL(server.address).host}/huggingface`,
        createdAt: 1_759_000_000_000,
        expiresAt: 1_795_000_000_000,
      });
      assert.ok(context.protectedValues.includes(server.accessToken));
      server.kept.set("huggingface", JSON.stringify({ HF_TOKEN: "old", other: "x" }));
      await source().write!(context, new Secret(token));
      assert.deepEqual(JSON.parse(server.kept.get("huggingface")!), {
        HF_TOKEN: token,
        other: "x",
      });
    }),
});

Deno.test({
  ...needs("azureKeyVault() tells apart what Azure refuses, and repeats nothing of it", "openssl"),
  fn: () =>
    withServer(async (source, server, ca) => {
      const read = (options?: Partial<AzureKeyVaultOptions>) =>
        source(options).read(sourceContext());
      const secrets = [token, server.accessToken, server.clientSecret];
      const rows: [SourceErrorCode, RegExp, () => Response][] = [
        ["source-denied", /access policy/, () => azureError(403, "Forbidden", token)],
        ["source-throttled", /wait a minute/, () => azureError(429, "Throttled")],
        ["source-failed", /status 500/, () => azureError(500, "InternalError", token)],
        ["source-malformed", /no text/, () =>
          Response.json({ id: `${server.address}/secrets/hf/1`, attributes: {} })],
        ["source-malformed", /not one of Key Vault/, () =>
          new Response(`{"value": ${token}`, {
            headers: { "content-type": "application/json" },
          })],
        ["source-setup", /no such vault/, () =>
          azureError(404, "NotFound")],
      ];
      for (const [code, message, answer] of rows) {
        server.answer = answer;
        await assertSourceError(read(), code, message, secrets);
      }
      const end = Promise.withResolvers<Response>();
      server.answer = () => end.promise;
      await assertSourceError(read({ timeoutMs: 100 }), "source-timeout", /within 0.1 s/, secrets);
      end.resolve(new Response());
      server.answer = undefined;
      const wrong = "wrong" + "9".repeat(30);
      await assertSourceError(
        read({ credential: await signIn(server, ca, wrong) }),
        "source-denied",
        /refused the credentials/,
        [...secrets, wrong],
      );
      const untrusted = {
        disableChallengeResourceVerification: true,
        retryOptions: { maxRetries: 0 },
      };
      await assertSourceError(
        read({ clientOptions: untrusted }),
        "source-tls",
        /NODE_EXTRA_CA/,
        secrets,
      );
    }),
});

Deno.test("azureKeyVault() refuses an address that is not https, before anything is loaded", () => {
  for (const vaultUrl of ["http://team.vault.azure.net", "team", "https://u:p@vault.example"]) {
    assert.throws(() => azureKeyVault({ vaultUrl, name: "hf" }), /https address/);
  }
});

Deno.test("azureKeyVault() says how to sign in when there are no credentials", async () => {
  const identity = "npm:@azure/identity@^4.14.1";
  const { ChainedTokenCredential, EnvironmentCredential } = await import(identity);
  // Of the default chain only the part that asks no network and no program.
  const credential = new ChainedTokenCredential(new EnvironmentCredential()) as AzureCredential;
  const source = azureKeyVault({ vaultUrl: "https://127.0.0.1:9", name: "hf", credential });
  await assertSourceError(
    source.read(sourceContext()),
    "source-unreachable",
    /no connection/,
    [token],
  );
  // The client asks for the credential only when the vault answers: ask for it directly.
  const direct = azureKeyVault({
    vaultUrl: "https://127.0.0.1:9",
    name: "hf",
    credential,
    load: () =>
      Promise.resolve({
        DefaultAzureCredential: class {
          getToken = () => Promise.resolve(null);
        },
        SecretClient: class {
          constructor(_url: string, readonly credential: AzureCredential) {}
          async getSecret(): Promise<never> {
            await this.credential.getToken("scope");
            throw new Error("there was a credential");
          }
          setSecret = () => Promise.resolve();
        },
      }),
  });
  await assertSourceError(direct.read(sourceContext()), "source-setup", /az login/, [token]);
});
