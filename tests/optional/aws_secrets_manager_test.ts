import assert from "node:assert/strict";
import type { SourceErrorCode } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { Secret } from "../../src/secret/secret.ts";
import {
  awsSecretsManager,
  type AwsSecretsManagerOptions,
} from "../../src/token/aws_secrets_manager.ts";
import { rotateToken } from "../../src/token/rotate.ts";
import { sourceContext } from "../kit/context.ts";
import { recordedAudit } from "../kit/person.ts";
import { assertSourceError } from "../kit/source_error.ts";
import { awsError, type StandInAws, standInAws } from "../kit/stand_in_aws.ts";
import { temporaryFolder } from "../kit/temporary.ts";
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
    ["source-denied", /credentials/, error("SignatureDoesNotMatch")],
    ["source-denied", /KMS/, error("DecryptionFailure")],
    [
      "source-denied",
      /KMS/,
      () => awsError("AccessDeniedException", 400, "Access to KMS is not allowed"),
    ],
    ["source-throttled", /wait a minute/, error("ThrottlingException")],
    ["source-deleted", /marked for deletion/, error("InvalidRequestException")],
    ["source-failed", /InternalServiceError/, error("InternalServiceError", 500)],
    ["source-malformed", /not that of AWS/, () => new Response(`<html>${token}`)],
    ["source-malformed", /no text/, () => Response.json({ SecretBinary: "AA==" })],
    ["source-malformed", /no text/, () => Response.json({ SecretString: " " })],
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

/** Reads in a process of its own: the SDK's chain looks at the real environment and at files. */
async function readElsewhere(env: Record<string, string>, timeoutMs = 5000): Promise<string> {
  const module = import.meta.resolve("../../src/token/aws_secrets_manager.ts");
  const program = `
    import { awsSecretsManager } from ${JSON.stringify(module)};
    const masked = [];
    const context = {
      env: () => undefined, fetch, now: Date.now, person: null, protect: (value) => masked.push(value),
    };
    try {
      const found = await awsSecretsManager({ secretId: "huggingface", timeoutMs: ${timeoutMs} }).read(context);
      console.log(found.value.length, masked.length);
    } catch (error) {
      console.log(error.code, error.message, Deno.inspect(error), error.stack);
    }
    Deno.exit(); // the SDK itself may be waiting for credentials still`;
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
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  for (const secret of [...secrets, "canary"]) {
    assert.ok(!said.includes(secret), "a secret is shown");
  }
  return said;
}

Deno.test("awsSecretsManager() finds credentials and region along the SDK's own chain, and says when there are none", async (t) => {
  await using server = standInAws();
  server.kept.set("huggingface", token);
  const endpoint = { AWS_ENDPOINT_URL_SECRETS_MANAGER: server.address };
  const region = { AWS_REGION: "eu-central-1" };
  const key = {
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const run = (env: Record<string, string>) => readElsewhere({ ...endpoint, ...env });
  assert.match(await run({ ...region, ...key }), /^37 1\n/);
  assert.match(
    await run({ ...region, ...key, AWS_SESSION_TOKEN: "canary".repeat(20) }),
    /^37 2\n/,
    "both secrets are masked",
  );
  assert.match(await run(region), /source-setup .*aws sso login/);
  assert.match(await run(key), /source-setup .*AWS_REGION/);
  assert.match(await run({ ...key, AWS_REGION: "eu central\u20111" }), /source-setup .*AWS_REGION/);

  await t.step("profiles", async () => {
    using temporary = temporaryFolder();
    const at = (name: string) => `${temporary.path}/${name}`;
    await Deno.writeTextFile(
      at("config"),
      `[profile team]
region = eu-central-1
[profile sso]
region = eu-central-1
sso_start_url = https://canary.awsapps.example/start
sso_region = eu-central-1
sso_account_id = 123456789012
sso_role_name = canary
[profile process]
region = eu-central-1
credential_process = sh -c 'echo canary >&2; exit 1'
[profile strange]
region = eu-central-1
credential_process = echo canary is no JSON
[profile circle]
region = eu-central-1
role_arn = arn:aws:iam::1:role/canary
source_profile = circle
`,
    );
    await Deno.writeTextFile(
      at("credentials"),
      `[team]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = ${credentials.secretAccessKey}\n`,
    );
    const files = { AWS_CONFIG_FILE: at("config"), AWS_SHARED_CREDENTIALS_FILE: at("credentials") };
    assert.match(await run({ ...files, AWS_PROFILE: "team" }), /^37 1\n/);
    for (const profile of ["sso", "process", "strange", "circle"]) {
      assert.match(await run({ ...files, AWS_PROFILE: profile }), /^source-setup .*aws sso login/);
    }
    assert.match(
      await run({ ...files, ...region, AWS_PROFILE: "canary" }),
      /^source-setup .*aws sso login/,
    );
  });

  await t.step("credentials that are never given", async () => {
    const end = Promise.withResolvers<Response>();
    await using hanging = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => end.promise,
    );
    const address = `http://127.0.0.1:${hanging.addr.port}`;
    for (
      const env of [
        { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: address },
        { AWS_CONTAINER_CREDENTIALS_FULL_URI: address },
      ]
    ) {
      const said = await readElsewhere({ ...endpoint, ...region, ...env }, 500);
      assert.match(said, /^source-timeout .*within 0.5 s/, said);
    }
    end.resolve(new Response());
  });
});

function denoFolder(): string {
  return Deno.env.get("DENO_DIR") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
}

Deno.test("awsSecretsManager() leaves numbers of other fields as they are written", async () => {
  await using server = standInAws();
  const text = (token: string) =>
    `{"id":12345678901234567890,"x":1.50,"HF_TOKEN":"${token}","n":[1e3]}`;
  server.kept.set("huggingface", text("old"));
  await source(server).write!(sourceContext(), new Secret(token));
  assert.equal(server.kept.get("huggingface"), text(token));
});

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

Deno.test("rotateToken() replaces a token in AWS, and leaves it when AWS refuses", async () => {
  await using server = standInAws();
  const next = fakeToken(143);
  const audit = recordedAudit();
  const rotate = () =>
    rotateToken(next, { home: source(server), audit, check: false, env: () => undefined });
  server.kept.set("huggingface", JSON.stringify({ user: "nlp", HF_TOKEN: token }));
  server.refuse = "PutSecretValue";
  await assertSourceError(rotate(), "source-denied", /policy/, [...secrets, next]);
  assert.equal(JSON.parse(server.kept.get("huggingface")!).HF_TOKEN, token);
  server.refuse = undefined;
  const rotated = await rotate();
  assert.deepEqual([rotated.replaced, rotated.fingerprint, rotated.path], [
    fingerprint(token),
    fingerprint(next),
    "huggingface",
  ]);
  assert.deepEqual(JSON.parse(server.kept.get("huggingface")!), { user: "nlp", HF_TOKEN: next });
  assert.deepEqual(
    audit.events.map(({ outcome, reason }) => `${outcome} ${reason ?? ""}`),
    ["started ", "failed source-denied", "started ", "ok "],
  );
  assert.ok(!JSON.stringify(audit.events).includes(next));
});
