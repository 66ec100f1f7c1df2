/** Tries wrong passphrases until it is locked out; `processes_test.ts` runs several at a time. */
import { loadToken } from "../../src/token/load.ts";
import { encryptedFile } from "../../src/token/encrypted_file.ts";

let tried = 0;
for (let ask = 0; ask < 40; ask++) {
  const passphrase = `wrong passphrase ${Deno.pid} ${ask}`;
  try {
    await loadToken({ order: [encryptedFile({ passphrase })], person: null });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "store-passphrase") tried++;
    else {
      const text = JSON.stringify({ tried, code, message: (error as Error).message });
      Deno.stdout.writeSync(new TextEncoder().encode(text));
      break;
    }
  }
}
