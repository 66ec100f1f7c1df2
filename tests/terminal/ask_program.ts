/** Asks, then writes what it got; `ask_test.ts` runs it on a pseudo-terminal. */
import { askInTerminal } from "../../src/terminal/ask.ts";

const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
const echo = Deno.args.includes("--echo");
if (Deno.args.includes("--exit-soon")) setTimeout(() => Deno.exit(7), 100);
if (Deno.args.includes("--throw-soon")) {
  setTimeout(() => {
    throw new Error("elsewhere");
  }, 100);
}
if (Deno.args.includes("--reject-soon")) {
  setTimeout(() => void Promise.reject(new Error("elsewhere")), 100);
}
try {
  write(`got ${JSON.stringify(await askInTerminal("Token: ", { echo }))}\n`);
} catch (error) {
  write(`refused ${(error as { code?: string }).code ?? error}\n`);
}
