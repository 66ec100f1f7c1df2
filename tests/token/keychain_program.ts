/** Run by keychain_test.ts in a D-Bus session of its own: does what it is told and prints what came of it. */
// deno-lint-ignore-file no-console -- its output is what the test reads
import { HushbookError } from "../../src/errors.ts";
import { Secret } from "../../src/secret/secret.ts";
import { rotateToken } from "../../src/token/rotate.ts";
import { keychain } from "../../src/token/keychain.ts";
import { sourceContext } from "../kit/context.ts";
import { fakeToken } from "../kit/tokens.ts";

const [what, seed] = Deno.args;
const source = keychain();
const context = sourceContext();
const token = new Secret(fakeToken(Number(seed)));
try {
  if (what === "write") console.log("at", (await source.write!(context, token)).where);
  if (what === "rotate") {
    const folder = Deno.makeTempDirSync();
    const done = await rotateToken(token, { home: source, folder, audit: false, check: false });
    console.log("rotated", done.replaced, "at", done.path);
    Deno.removeSync(folder, { recursive: true });
  }
  const found = await source.read(context);
  console.log(found === null ? "nothing" : found.value === token.reveal() ? "same" : "other");
} catch (error) {
  if (!(error instanceof HushbookError)) throw error;
  console.log(error.code, error.message);
}
