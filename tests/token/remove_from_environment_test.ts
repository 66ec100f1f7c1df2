import assert from "node:assert/strict";
import { runDeno, sourceUrl } from "../kit/child.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

// In processes of their own: the environment is one for all tests.
const LOAD = `
  import { loadToken } from ${JSON.stringify(sourceUrl("src/token/load.ts"))};
  const { secret, where } = await loadToken({ removeFromEnvironment: REMOVE });
  const child = new Deno.Command("env", { clearEnv: false });
  const text = new TextDecoder().decode((await child.output()).stdout);
  console.log(where, Deno.env.has("HF_TOKEN"), text.includes(secret.reveal()), text.includes("OTHER=1"));
`;

Deno.test("loadToken() takes the loaded variable out of the environment when asked to", async () => {
  using folder = temporaryFolder();
  const env = {
    HF_TOKEN: fakeToken(31),
    OTHER: "1",
    HOME: folder.path,
    HUSHBOOK_HOME: `${folder.path}/hushbook`,
  };
  const kept = await runDeno(LOAD.replace("REMOVE", "false"), { env });
  assert.equal(kept.stdout, "HF_TOKEN true true true\n", kept.stderr);
  const removed = await runDeno(LOAD.replace("REMOVE", "true"), { env });
  assert.equal(removed.stdout, "HF_TOKEN false false true\n", removed.stderr);
});
