import { spellings } from "../../../src/kernel/mask/encodings.ts";
import { maskText, registerSecret } from "../../../src/kernel/mask/secrets.ts";
import { fakeToken } from "../../kit/tokens.ts";
import { type BenchOptions, type Row, spread, type Table } from "../table.ts";

export const name = "mask";

/** A megabyte, of which the issue speaks: a million bytes of UTF-8, as they go to the notebook. */
const MB = 1_000_000;
const utf8 = new TextEncoder();

/** Prose and code of one megabyte, in which no secret stands. */
function prose(): string {
  const lines = [
    "Epoch 12/40: loss 0.2312, accuracy 0.912, 34 ms per step (eta 3 m), saved to model-12.bin\n",
    "const reply = await hf.chatCompletion({ model, messages: [{ role: 'user', content }] });\n",
    "The quick brown fox jumps over the lazy dog; 17 of 4,096 samples were skipped (see below).\n",
  ];
  return lines.join("").repeat(4100).slice(0, MB);
}

/** The text as one flat string, as the runtime's formatting returns it; `repeat` leaves a tree. */
function flat(text: string): string {
  return new TextDecoder().decode(utf8.encode(text));
}

/** How long one call takes in milliseconds: many calls, so that the clock's step does not matter. */
function time(text: string, action: (text: string) => unknown): number {
  const calls = Math.max(20, Math.round(20 * MB / Math.max(100, text.length)));
  const begin = performance.now();
  for (let i = 0; i < calls; i++) action(text);
  return (performance.now() - begin) / calls;
}

/** One megabyte, in UTF-8, of a text again and again, to the last whole one. */
function megabyte(text: string): string {
  return text.repeat(Math.floor(MB / utf8.encode(text).length));
}

const LINE = "Epoch 12/40: loss 0.2312, accuracy 0.912, 34 ms per step (eta 3 m)\n";
const COLOURED = LINE.replaceAll(/[\d.]+/g, (number) => `\x1b[33m${number}\x1b[39m`);
const PER_LINE = { ms: 0.002, text: "under 2 µs" };
const PER_MEGABYTE = { ms: 0.3, text: "under 0.3 ms" };

/** Measures what the output mask adds to an output without a secret, which nearly all are. */
export function run({ runs }: BenchOptions): Promise<Table> {
  const tokens = Array.from({ length: 10 }, (_, i) => fakeToken(5 + i));
  let every: string[] = [];
  const register = (secrets: readonly string[]) => {
    for (const secret of secrets) registerSecret(secret);
    every = [...every, ...secrets.flatMap(spellings)];
  };
  const naive = (text: string) => every.reduce((rest, each) => rest.replaceAll(each, "***"), text);
  const row = (work: string, made: string, limit: { ms: number; text: string }): Row => {
    const text = flat(made);
    for (let i = 0; i < 5; i++) time(text, maskText);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let i = 0; i < Math.max(5, runs); i++) {
      ours.push(time(text, maskText));
      theirs.push(time(text, naive));
    }
    const { median, range } = spread(ours);
    const short = text.length < 1000;
    const scale = short ? 1000 : 1;
    return {
      work,
      median: median * scale,
      range: [range[0] * scale, range[1] * scale],
      unit: short ? "µs" : "ms",
      runs: ours.length,
      against: { what: "replaceAll of each spelling", ratio: median / spread(theirs).median },
      reach: { text: limit.text, met: median < limit.ms },
    };
  };
  const texts: readonly [work: string, text: string][] = [
    ["1 MB of text", prose()],
    ["1 MB of text with a character beyond Latin-1 in each line", megabyte(`${LINE.trim()} ━\n`)],
    ["1 MB of base64 (a picture)", btoa("picture".repeat(MB / 7)).slice(0, MB)],
    ["1 MB with a colour code at each number", megabyte(COLOURED)],
    ["the same, with a character beyond Latin-1", megabyte(`${COLOURED.trim()} ━\n`)],
  ];
  const rows = (secrets: string) =>
    texts.map(([work, text]) => row(`${work}; ${secrets}`, text, PER_MEGABYTE));
  register(tokens.slice(0, 1));
  const one = [
    ...rows("1 secret"),
    row("a line of 67 characters; 1 secret", LINE, PER_LINE),
    row("a line with 12 colour codes; 1 secret", COLOURED, PER_LINE),
  ];
  register(tokens.slice(1));
  const ten = [
    ...rows("10 secrets"),
    row("a line with 12 colour codes; 10 secrets", COLOURED, PER_LINE),
  ];
  return Promise.resolve({
    title: "Output mask: cost per output",
    rows: [...one, ...ten],
    notes: [
      `A secret has ${
        spellings(tokens[0]!).length
      } spellings, also cut to 12 characters; no output holds one.`,
      "A MB is 1,000,000 bytes of UTF-8, as an output is sent.",
      "Replacing each spelling finds only whole ones, and none with a colour code inside.",
    ],
  });
}
