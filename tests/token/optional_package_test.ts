import assert from "node:assert/strict";
import { runDeno, sourceUrl } from "../kit/child.ts";
import { temporaryFolder } from "../kit/temporary.ts";

Deno.test("keychain(), awsSecretsManager() and azureKeyVault() say what to add when their package is not on this machine", async () => {
  using cache = temporaryFolder();
  const code = `
    import { keychain } from "${sourceUrl("src/token/keychain.ts")}";
    import { awsSecretsManager } from "${sourceUrl("src/token/aws_secrets_manager.ts")}";
    import { azureKeyVault } from "${sourceUrl("src/token/azure_key_vault.ts")}";
    import { Secret } from "${sourceUrl("src/secret/secret.ts")}";
    const context = { env: () => undefined, now: Date.now, notice() {} };
    const sources = [
      keychain(),
      awsSecretsManager({ secretId: "hf" }),
      azureKeyVault({ vaultUrl: "https://team.vault.azure.net", name: "hf" }),
    ];
    const secret = new Secret(["hf", "x".repeat(34)].join("_"));
    for (const source of sources) {
      for (const work of [source.read(context), source.write(context, secret)]) {
        await work.catch((error) => console.log(error.code, error.message));
      }
    }`;
  // An empty cache that must not be filled: a machine that has not the packages, and no network.
  const { stdout, stderr } = await runDeno(code, {
    env: { DENO_DIR: cache.path },
    flags: ["--allow-all", "--cached-only"],
  });
  const lines = stdout.trim().split("\n");
  assert.equal(lines.length, 6, stderr);
  const commands = [
    /`deno cache npm:@napi-rs\/keyring@\S+` once/,
    /`deno cache npm:@aws-sdk\/client-secrets-manager@\S+` once/,
    /`deno cache npm:@azure\/keyvault-secrets@\S+ npm:@azure\/identity@\S+` once/,
  ];
  for (const [index, line] of lines.entries()) {
    assert.match(line, /^source-package Cannot (?:read|write) the token .* is not on this machine/);
    assert.match(line, commands[index >> 1]!);
  }
});
