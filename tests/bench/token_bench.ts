/**
 * What loading a token costs. `deno run -A tests/bench/token_bench.ts` runs this table alone.
 *
 * Each row compares two things measured in turns on the same machine, by their medians, so that what
 * else the machine does falls on both.
 */

import { fingerprint } from "../../src/secret/fingerprint.ts";
import { openEnvelope, ROUNDS, sealEnvelope } from "../../src/token/envelope.ts";
import { fakeToken } from "../kit/tokens.ts";

/** One measured row. */
export interface TokenBenchRow {
  /** What is done. */
  readonly work: string;
  /** What is to be reached. */
  readonly reach: string;
  /** What was measured. */
  readonly measured: string;
  /** Whether it was reached. */
  readonly reached: boolean;
  /** The numbers behind it, in ms. */
  readonly numbers: Readonly<Record<string, number>>;
}

export const name = "token";

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** Runs each of the works in turns. */
async function inTurns(
  rounds: number,
  works: readonly (() => Promise<unknown>)[],
): Promise<number[]> {
  const times: number[][] = works.map(() => []);
  for (let round = -1; round < rounds; round++) { // the first one warms up
    for (const [index, work] of works.entries()) {
      const began = performance.now();
      await work();
      if (round >= 0) times[index]!.push(performance.now() - began);
    }
  }
  return times.map(median);
}

async function fromEnvironment(): Promise<TokenBenchRow> {
  const folder = await Deno.makeTempDir();
  const script = async (file: string, text: string) => {
    await Deno.writeTextFile(`${folder}/${file}`, text);
    return `${folder}/${file}`;
  };
  const mod = new URL("../../mod.ts", import.meta.url).href;
  const empty = await script("empty.ts", "export {};\n");
  const load = await script(
    "load.ts",
    `import { loadToken } from "${mod}";\nawait loadToken();\n`,
  );
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const env = { HF_TOKEN: fakeToken(1), HUSHBOOK_HOME: `${folder}/state` };
  const run = (file: string) => async () => {
    const args = ["run", "-A", "--no-check", "--config", config, file];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, env, cwd: folder })
      .output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  };
  const [base, whole] = await inTurns(25, [run(empty), run(load)]) as [number, number];
  await Deno.remove(folder, { recursive: true });
  return {
    work: "`loadToken()` from the environment, cold import, audit record included",
    reach: "under 40 ms over an empty Deno script",
    measured: `${(whole - base).toFixed(1)} ms over ${base.toFixed(1)} ms`,
    reached: whole - base < 40,
    numbers: { empty: base, load: whole, over: whole - base },
  };
}

async function fromEncryptedFile(): Promise<TokenBenchRow> {
  const token = fakeToken(2);
  const password = "correct horse battery";
  const jwe = await sealEnvelope({ token }, password, {
    mode: "passphrase",
    iat: 0,
    fingerprint: fingerprint(token),
  });
  const salt = crypto.getRandomValues(new Uint8Array(35));
  const derive = async () => {
    const key = await crypto.subtle.importKey(
      "raw",
      new TextEncoder().encode(password),
      "PBKDF2",
      false,
      ["deriveBits"],
    );
    const how = { name: "PBKDF2", hash: "SHA-512", salt, iterations: ROUNDS };
    await crypto.subtle.deriveBits(how, key, 256);
  };
  const open = async () => {
    if ((await openEnvelope(jwe, password))?.token !== token) throw new Error("not opened");
  };
  const [base, whole] = await inTurns(9, [derive, open]) as [number, number];
  const ratio = whole / base;
  return {
    work: "opening the encrypted file",
    reach: "within 20 % of one WebCrypto PBKDF2 of 600 000 rounds",
    measured: `${ratio.toFixed(2)} times (${whole.toFixed(0)} ms against ${base.toFixed(0)} ms)`,
    reached: ratio < 1.2,
    numbers: { derive: base, open: whole, ratio },
  };
}

/** Measures both rows. */
export async function run(): Promise<TokenBenchRow[]> {
  return [await fromEnvironment(), await fromEncryptedFile()];
}

if (import.meta.main) {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(await run(), null, 2)}\n`));
}
