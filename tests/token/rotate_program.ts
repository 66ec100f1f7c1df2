/** Run by rotate_crash_test.ts, which kills it: rotates the token in Vault. */
// deno-lint-ignore-file no-console -- its output is what the test reads
import { HushbookError } from "../../src/errors.ts";
import { rotateToken } from "../../src/token/rotate.ts";
import { vault } from "../../src/token/vault.ts";
import { fakeToken } from "../kit/tokens.ts";

const [folder, seed] = Deno.args as [string, string];
try {
  const home = vault({ path: "hf" });
  const done = await rotateToken(fakeToken(Number(seed)), { home, folder, check: false });
  console.log("rotated", done.replaced);
} catch (error) {
  console.log(error instanceof HushbookError ? `${error.code} ${error.message}` : error);
}
