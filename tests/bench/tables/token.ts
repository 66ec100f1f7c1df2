/**
 * What loading a token costs. What is compared is measured in turns, so that what else the machine
 * does falls on both.
 */

import { fingerprint } from "../../../src/secret/fingerprint.ts";
import { openEnvelope, ROUNDS, sealEnvelope } from "../../../src/token/envelope.ts";
import { fakeToken } from "../../kit/tokens.ts";
import { type BenchOptions, type Row, runProcess, spread, type Table } from "../table.ts";

export const name = "token";

/** Milliseconds of each work, in turns; the first round warms up. */
async function inTurns(runs: number, works: readonly (() => Promise<number>)[]) {
  const times: number[][] = works.map(() => []);
  for (let round = -1; round < runs; round++) {
    for (const [index, work] of works.entries()) {
      const ms = await work();
      if (round >= 0) times[index]!.push(ms);
    }
  }
  return times.map(spread);
}

async function fromEnvironment(runs: number): Promise<Row[]> {
  const folder = await Deno.makeTempDir();
  const mod = new URL("../../../mod.ts", import.meta.url).href;
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const env = { HF_TOKEN: fakeToken(1), HUSHBOOK_HOME: `${folder}/state` };
  const script = async (file: string, text: string) => {
    await Deno.writeTextFile(`${folder}/${file}`, text);
    return async () => {
      const command = [
        Deno.execPath(),
        "run",
        "-A",
        "--no-lock",
        "--config",
        config,
        `${folder}/${file}`,
      ];
      const { ms, code } = await runProcess(command, { env, cwd: folder });
      if (code !== 0) throw new Error(`${file} ended with ${code}`);
      return ms;
    };
  };
  const [empty, load] = await inTurns(runs, [
    await script("empty.ts", "export {};\n"),
    await script("load.ts", `import { loadToken } from "${mod}";\nawait loadToken();\n`),
  ]);
  await Deno.remove(folder, { recursive: true });
  const over = load!.median - empty!.median;
  return [
    { work: "an empty Deno script", ...empty!, unit: "ms", runs },
    {
      work: "`loadToken()` from the environment, cold import and audit record included",
      ...load!,
      unit: "ms",
      runs,
      against: { what: "an empty script", ratio: load!.median / empty!.median },
      reach: {
        text: `under 40 ms over an empty Deno script (${over.toFixed(1)} ms)`,
        met: over < 40,
      },
    },
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

async function fromEncryptedFile(runs: number): Promise<Row[]> {
  const token = fakeToken(2);
  const password = "correct horse battery";
  const header = { mode: "passphrase", iat: 0, fingerprint: fingerprint(token) } as const;
  const jwe = await sealEnvelope({ token }, password, header);
  const derive = async () => {
    const bytes = new TextEncoder().encode(password);
    const key = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: "SHA-512", salt: new Uint8Array(35), iterations: ROUNDS };
    await crypto.subtle.deriveBits(how, key, 256);
  };
  const open = async () => {
    if ((await openEnvelope(jwe, password))?.token !== token) throw new Error("it does not open");
  };
  const [base, whole] = await inTurns(runs, [() => timed(derive), () => timed(open)]);
  const ratio = whole!.median / base!.median;
  return [
    { work: "one WebCrypto PBKDF2-HMAC-SHA512 of 600 000 rounds", ...base!, unit: "ms", runs },
    {
      work: "opening the encrypted file",
      ...whole!,
      unit: "ms",
      runs,
      against: { what: "one PBKDF2", ratio },
      reach: { text: "within 20 % of one WebCrypto PBKDF2 of 600 000 rounds", met: ratio < 1.2 },
    },
  ];
}

/** Measures. */
export async function run({ runs }: BenchOptions): Promise<Table> {
  return {
    title: "Loading a token",
    rows: [...await fromEnvironment(3 * runs), ...await fromEncryptedFile(runs)],
    notes: ["Each pair was measured in turns on the same machine; files were in the page cache."],
  };
}
