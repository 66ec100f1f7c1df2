import assert from "node:assert/strict";
import type { SourceErrorCode } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { Secret } from "../../src/secret/secret.ts";
import {
  type AzureCredential,
  azureKeyVault,
  type AzureKeyVaultOptions,
} from "../../src/token/azure_key_vault.ts";
import { rotateToken } from "../../src/token/rotate.ts";
import { runDeno } from "../kit/child.ts";
import { selfSignedCertificate } from "../kit/certificate.ts";
import { sourceContext } from "../kit/context.ts";
import { recordedAudit } from "../kit/person.ts";
import { needs } from "../kit/programs.ts";
import { assertSourceError } from "../kit/source_error.ts";
import { azureError, type StandInAzure, standInAzure } from "../kit/stand_in_azure.ts";
import { temporaryFolder } from "../kit/temporary.ts";
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
        ["source-denied", /firewall/, () =>
          azureError(403, "Forbidden", token, "ForbiddenByFirewall")],
        ["source-denied", /firewall/, () =>
          azureError(403, "Forbidden", "Client address is not authorized")],
        ["source-denied", /is disabled/, () =>
          azureError(403, "Forbidden", token, "SecretDisabled")],
        ["source-denied", /is disabled/, () =>
          azureError(403, "Forbidden", "Operation get is not allowed on a disabled secret.")],
        ["source-denied", /access policy/, () =>
          azureError(403, "Forbidden", token, "ForbiddenByRbac")],
        ["source-throttled", /wait a minute/, () =>
          azureError(429, "Throttled")],
        ["source-failed", /status 500/, () =>
          azureError(500, "InternalError", token)],
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
      server.answer = () =>
        end.promise;
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

Deno.test({
  ...needs(
    "azureKeyVault() says when a secret is deleted but kept, and when it is not to be used yet",
    "openssl",
  ),
  fn: () =>
    withServer(async (source, server) => {
      const context = sourceContext({}, { now: () => Date.parse("2026-11-28T00:00:00Z") });
      server.kept.set("huggingface", token);
      server.attributes = { nbf: Date.parse("2026-12-01T00:00:00Z") / 1000, exp: 1_759_000_001 };
      const found = await source().read(context);
      assert.deepEqual([found?.value, found?.expiresAt], [token, 1_759_000_001_000]);
      assert.match(context.notices.join(), /not to be used before 2026-12-01T00:00:00/);
      const written = sourceContext();
      let asked = 0;
      server.answer = () =>
        asked++ === 0
          ? azureError(404, "SecretNotFound")
          : azureError(409, "Conflict", token, "ObjectIsDeletedButRecoverable");
      await assertSourceError(
        source().write!(written, new Secret(token)),
        "source-deleted",
        /recover it/,
        [token],
      );
    }),
});

Deno.test({
  ...needs(
    "azureKeyVault() sends no access token to a vault that asks for one of another service",
    "openssl",
  ),
  fn: () =>
    withServer(async (source, server, ca) => {
      server.kept.set("huggingface", token);
      const clientOptions = { tlsOptions: { ca }, retryOptions: { maxRetries: 0 } };
      let asked = 0;
      const credential: AzureCredential = {
        getToken: () => Promise.resolve({ token: `access${asked++}`, expiresOnTimestamp: 0 }),
      };
      const read = source({ clientOptions, credential }).read(sourceContext());
      await assertSourceError(read, "source-malformed", /check `vaultUrl`/, [token]);
      assert.equal(asked, 0);
    }),
});

/** Reads with the real DefaultAzureCredential in a process of its own, with a managed identity's variables. */
async function readWithIdentity(server: StandInAzure, ca: string, identity: string) {
  using folder = temporaryFolder();
  const certificates = `${folder.path}/ca.pem`;
  await Deno.writeTextFile(certificates, ca);
  const module = import.meta.resolve("../../src/token/azure_key_vault.ts");
  const code = `
    import { azureKeyVault } from ${JSON.stringify(module)};
    const masked = [];
    const context = {
      env: (name) => Deno.env.get(name), fetch, now: Date.now, person: null,
      notice() {}, protect: (value) => masked.push(value),
    };
    try {
      const clientOptions = { disableChallengeResourceVerification: true };
      const { value } = await azureKeyVault({
        vaultUrl: "${server.address}", name: "huggingface", clientOptions, timeoutMs: 6000,
      }).read(context);
      console.log(value.length, masked.length);
    } catch (error) {
      console.log(error.code, error.message, Deno.inspect(error), error.stack);
    }
    Deno.exit();`;
  const lock = new URL("./deno.lock", import.meta.url).pathname; // nothing is to be fetched
  const { stdout, stderr } = await runDeno(code, {
    flags: ["--allow-all", "--frozen", `--lock=${lock}`],
    env: {
      NODE_EXTRA_CA_CERTS: certificates,
      IDENTITY_ENDPOINT: identity,
      IDENTITY_HEADER: "canary-of-the-identity",
      HOME: folder.path,
      PATH: "/nonexistent",
      DENO_DIR: denoFolder(),
    },
  });
  const said = stdout + stderr;
  for (const secret of [token, server.accessToken, "canary"]) {
    assert.ok(!said.includes(secret), "a secret is shown");
  }
  return said;
}

function denoFolder(): string {
  return Deno.env.get("DENO_DIR") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
}

Deno.test({
  ...needs(
    "azureKeyVault() signs in by the real DefaultAzureCredential, and has an end when that hangs",
    "openssl",
  ),
  fn: () =>
    withServer(async (_source, server, ca) => {
      server.kept.set("huggingface", token);
      let answer: () => Response | Promise<Response> = () =>
        Response.json({
          access_token: server.accessToken,
          expires_on: "4102444800",
          resource: "x",
          token_type: "Bearer",
        });
      const headers: (string | null)[] = [];
      await using identity = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        (request) => {
          headers.push(request.headers.get("x-identity-header"));
          return answer();
        },
      );
      const address = `http://127.0.0.1:${identity.addr.port}/token`;
      assert.match(await readWithIdentity(server, ca, address), /^37 1\n/);
      assert.equal(headers[0], "canary-of-the-identity");
      answer = () => Response.json({ message: token }, { status: 400 });
      assert.match(await readWithIdentity(server, ca, address), /^source-setup .*az login/);
      const end = Promise.withResolvers<Response>();
      answer = () => end.promise;
      assert.match(await readWithIdentity(server, ca, address), /^source-timeout .*within 6 s/);
      end.resolve(new Response());
    }),
});

Deno.test({
  ...needs("rotateToken() replaces a token in Azure", "openssl"),
  fn: () =>
    withServer(async (source, server) => {
      const next = fakeToken(144);
      const audit = recordedAudit();
      server.kept.set("huggingface", token);
      const options = { home: source(), audit, check: false as const, env: () => undefined };
      const rotated = await rotateToken(next, options);
      assert.deepEqual([rotated.replaced, rotated.fingerprint], [token, next].map(fingerprint));
      assert.equal(server.kept.get("huggingface"), next);
      assert.deepEqual(audit.events.map(({ outcome }) => outcome), ["started", "ok"]);
    }),
});
