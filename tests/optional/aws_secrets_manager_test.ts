import assert from "node:assert/strict";
import type { SourceErrorCode } from "../../src/errors.ts";
import { Secret } from "../../src/secret/secret.ts";
import {
  awsSecretsManager,
  type AwsSecretsManagerOptions,
} from "../../src/token/aws_secrets_manager.ts";
import { sourceContext } from "../kit/context.ts";
import { assertSourceError } from "../kit/source_error.ts";
import { awsError, type StandInAws, standInAws } from "../kit/stand_in_aws.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(72);
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalr" + "XUtnFEMI".repeat(4) };
const secrets = [token, credentials.secretAccessKey];

function source(server: StandInAws, options: Partial<AwsSecretsManagerOptions> = {}) {
  return awsSecretsManager({
    secretId: "huggingface",
    region: "eu-central-1",
    clientOptions: { endpoint: server.address, credentials },
    ...options,
  });
}

Deno.test("awsSecretsManager() reads plain text, a usual field and a named field, through the real SDK", async () => {
  await using server = standInAws();
  const context = sourceContext();
  server.kept.set("huggingface", token);
  const found = await source(server).read(context);
  assert.deepEqual(found, { value: token, where: "huggingface", createdAt: 1_759_000_000_500 });
  server.kept.set("huggingface", JSON.stringify({ user: "nlp", HF_TOKEN: token }));
  assert.equal((await source(server).read(context))?.value, token);
  server.kept.set("huggingface", JSON.stringify({ HF_TOKEN: "other", mine: token }));
  assert.equal((await source(server, { field: "mine" }).read(context))?.value, token);
  assert.ok(context.protectedValues.includes(credentials.secretAccessKey));
});

Deno.test("awsSecretsManager() says null when there is no such secret", async () => {
  await using server = standInAws();
  assert.equal(await source(server).read(sourceContext()), null);
});

Deno.test("awsSecretsManager() tells apart what AWS refuses, and repeats nothing of it", async (t) => {
  await using server = standInAws();
  const error = (type: string, status = 400) => () => awsError(type, status, `about ${token}`);
  const rows: [SourceErrorCode, RegExp, () => Response][] = [
    ["source-denied", /policy/, error("AccessDeniedException")],
    ["source-denied", /credentials/, error("UnrecognizedClientException")],
    ["source-denied", /credentials/, error("ExpiredTokenException")],
    ["source-denied", /KMS/, error("DecryptionFailure")],
    ["source-throttled", /wait a minute/, error("ThrottlingException")],
    ["source-deleted", /marked for deletion/, error("InvalidRequestException")],
    ["source-failed", /InternalServiceError/, error("InternalServiceError", 500)],
    ["source-malformed", /not that of AWS/, () => new Response(`<html>${token}`)],
    ["source-malformed", /no text/, () => Response.json({ SecretBinary: "AA==" })],
    ["source-malformed", /none of the fields/, () => Response.json({ SecretString: '{"a":"b"}' })],
  ];
  for (const [code, message, answer] of rows) {
    await t.step(`${code} ${message.source}`, async () => {
      server.answer = answer;
      await assertSourceError(source(server).read(sourceContext()), code, message, secrets);
    });
  }
});

Deno.test("awsSecretsManager() tells apart no server, a slow server, no credentials and no region", async () => {
  await using server = standInAws();
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  closed.close();
  const nowhere = { endpoint: `http://127.0.0.1:${closed.addr.port}`, credentials };
  await assertSourceError(
    source(server, { clientOptions: nowhere }).read(sourceContext()),
    "source-unreachable",
    /ECONNREFUSED/,
    secrets,
  );
  const end = Promise.withResolvers<Response>();
  server.answer = () => end.promise;
  const slow = source(server, { timeoutMs: 100 }).read(sourceContext());
  await assertSourceError(slow, "source-timeout", /within 0.1 s/, secrets);
  end.resolve(new Response());
});

Deno.test("awsSecretsManager() finds credentials and region along the SDK's own chain, and says when there are none", async () => {
  await using server = standInAws();
  server.kept.set("huggingface", token);
  const program = `
    import { awsSecretsManager } from ${
    JSON.stringify(import.meta.resolve("../../src/token/aws_secrets_manager.ts"))
  };
    const context = { env: () => undefined, fetch, now: Date.now, person: null };
    try {
      const found = await awsSecretsManager({ secretId: "huggingface", timeoutMs: 5000 }).read(context);
      console.log(found.value.length);
    } catch (error) {
      console.log(error.code, error.message);
    }`;
  const run = async (env: Record<string, string>) => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-config",
        "--no-lock",
        "--allow-all",
        `data:text/typescript,${encodeURIComponent(program)}`,
      ],
      env: {
        AWS_EC2_METADATA_DISABLED: "true",
        HOME: "/nonexistent",
        DENO_DIR: denoFolder(),
        ...env,
      },
    }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  };
  const endpoint = { AWS_ENDPOINT_URL_SECRETS_MANAGER: server.address };
  const region = { AWS_REGION: "eu-central-1" };
  const key = {
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  assert.match(await run({ ...endpoint, ...region, ...key }), /^37\n/);
  assert.match(await run({ ...endpoint, ...region }), /source-setup .*aws sso login/);
  assert.match(await run({ ...endpoint, ...key }), /source-setup .*AWS_REGION/);
});

function denoFolder(): string {
  return Deno.env.get("DENO_DIR") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
}

Deno.test("awsSecretsManager() writes a new version and keeps the other fields", async () => {
  await using server = standInAws();
  const context = sourceContext();
  await assertSourceError(
    source(server).write!(context, new Secret(token)),
    "source-setup",
    /create it first/,
    secrets,
  );
  server.kept.set("huggingface", JSON.stringify({ user: "nlp", HF_TOKEN: "old" }));
  await source(server).write!(context, new Secret(token));
  assert.deepEqual(JSON.parse(server.kept.get("huggingface")!), { user: "nlp", HF_TOKEN: token });
  server.kept.set("huggingface", "plain");
  await source(server).write!(context, new Secret(token));
  assert.equal(server.kept.get("huggingface"), token);
});

Deno.test("awsSecretsManager() says what to add when the SDK is not on this machine", async () => {
  const { loadOptionalPackage } = await import("../../src/token/optional_package.ts");
  await assertSourceError(
    loadOptionalPackage("npm:@hushbook/there-is-no-such-package@9", "read the token from X"),
    "source-package",
    /deno cache npm:@hushbook\/there-is-no-such-package@9/,
    secrets,
  );
});
