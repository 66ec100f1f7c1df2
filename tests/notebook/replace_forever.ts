// A process that replaces one file over and over, to be killed at any moment: replace_test.ts starts it.
import { readVersion } from "../../src/notebook/file.ts";
import { replaceVersion } from "../../src/notebook/replace.ts";

const [path, ...letters] = Deno.args;
Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
for (;;) {
  for (const letter of letters) {
    replaceVersion(readVersion(path!), new TextEncoder().encode(letter.repeat(400_000)));
  }
}
