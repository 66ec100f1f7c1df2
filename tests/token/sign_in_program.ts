/** Run by sign_in_processes_test.ts, several at once: signs in, and prints what the person was told and the token's fingerprint. */
// deno-lint-ignore-file no-console -- its output is what the test reads
import { HushbookError } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { deviceSignIn } from "../../src/token/device_sign_in.ts";
import { sourceContext } from "../kit/context.ts";

const [address, folder, clock = "0"] = Deno.args as [string, string, string?];
const context = sourceContext({ HF_ENDPOINT: address }, {
  folder,
  now: () => Date.now() + Number(clock),
  notice: (sentence) => console.log("notice", sentence),
  person: {
    place: "terminal",
    ask: () => Promise.resolve(""),
    tell: (sentence) => console.log("told", sentence),
  },
});
// A hundredth of the pause that the Hub asks for.
const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms / 100));
try {
  const found = await deviceSignIn({ clientId: "client", sleep }).read(context);
  console.log("token", fingerprint(String(found?.value)));
} catch (error) {
  console.log("failed", error instanceof HushbookError ? error.message : error);
}
