/** Stores one sealed token after the other until it is killed; `processes_test.ts` kills it. */
import { replaceStored, withStoreLock } from "../../src/token/store.ts";

const [folder, ...sealed] = Deno.args as [string, ...string[]];
Deno.stdout.writeSync(new Uint8Array(1));
for (let turn = 0;; turn++) {
  await withStoreLock({ folder }, () => replaceStored(folder, sealed[turn % sealed.length]!));
}
