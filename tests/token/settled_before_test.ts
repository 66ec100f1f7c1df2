import assert from "node:assert/strict";
import { SourceError } from "../../src/errors.ts";
import {
  awsSecretsManager,
  type AwsSecretsManagerSdk,
} from "../../src/token/aws_secrets_manager.ts";
import { loadToken } from "../../src/token/load.ts";
import { settledBefore } from "../../src/token/settled_before.ts";
import { temporaryFolder } from "../kit/temporary.ts";

Deno.test("settledBefore() gives what the work gives, or the signal's reason once it is aborted", async () => {
  const { signal } = new AbortController();
  assert.equal(await settledBefore(signal, Promise.resolve(1)), 1);
  await assert.rejects(settledBefore(signal, Promise.reject(new RangeError())), RangeError);
  const never = new Promise<never>(() => {});
  const reason = new TypeError("enough");
  await assert.rejects(settledBefore(AbortSignal.abort(reason), never), reason);
  const later = new AbortController();
  const waiting = settledBefore(later.signal, never);
  later.abort(reason);
  await assert.rejects(waiting, reason);
});

Deno.test("awsSecretsManager() does not wait for ever for credentials that never come", async () => {
  using temporary = temporaryFolder();
  class SecretsManagerClient {
    config = { credentials: () => new Promise<never>(() => {}) };
    send = () => Promise.reject(new Error("sent without credentials"));
    destroy() {}
  }
  class Command {}
  const load = (): Promise<AwsSecretsManagerSdk> =>
    Promise.resolve({
      SecretsManagerClient,
      GetSecretValueCommand: Command,
      PutSecretValueCommand: Command,
    });
  const source = awsSecretsManager({ secretId: "hf", timeoutMs: 20, load });
  const { path } = temporary;
  await assert.rejects(
    loadToken({ order: [source], folder: path, cwd: path, audit: false, env: () => undefined }),
    (error) => error instanceof SourceError && error.code === "source-timeout",
  );
});
