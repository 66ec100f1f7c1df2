/** What arrives from outside in lines of text: `.env` files and answers' headers. */

import assert from "node:assert/strict";
import { HushbookError } from "../../src/errors.ts";
import { readQuotas } from "../../src/limits/rate_limit_header.ts";
import { readServerWord } from "../../src/limits/server_word.ts";
import { cleanToken } from "../../src/secret/clean.ts";
import { dotenv } from "../../src/token/dotenv.ts";
import { sourceContext } from "../kit/context.ts";
import { Choices } from "../kit/planted/notebook.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const some = (choices: Choices, pieces: readonly string[], most: number) =>
  Array.from({ length: choices.below(most + 1) }, () => choices.pick(pieces)).join("");

/** A token in a `.env` file is found, cleaned, among other lines, and no other error leaves the reader. */
export async function envFile(seed: number): Promise<void> {
  const choices = new Choices(seed);
  using folder = temporaryFolder();
  const token = fakeToken(seed);
  const quote = choices.pick(["", '"', "'", "`"]);
  const line = `${choices.pick(["", "export "])}HF_TOKEN${choices.pick(["=", " = ", "= "])}` +
    `${quote}${choices.pick(["", "Bearer "])}${token}${quote}${choices.pick(["", " ", " # mine"])}`;
  const other = () =>
    some(
      choices,
      ["A=1", "# text", "", "B='x y'", "C", "=", "D=#", "É=ü"].map((each) => each + end),
      4,
    );
  const end = choices.pick(["\n", "\r\n"]);
  const text = `${choices.pick(["", "\ufeff"])}${other()}${line}${end}${other()}`;
  await Deno.writeTextFile(`${folder.path}/.env`, text);
  const context = sourceContext({}, { cwd: () => folder.path });
  const read = await dotenv().read(context);
  assert.equal(
    typeof read?.value === "string" && cleanToken(read.value),
    token,
    JSON.stringify(text.replaceAll(token, "TOKEN")),
  );

  const wild = some(choices, [
    "HF_TOKEN",
    "=",
    '"',
    "'",
    "`",
    "\n",
    "\r",
    " ",
    "#",
    "\0",
    token,
    "\\",
  ], 30);
  await Deno.writeTextFile(`${folder.path}/.env`, wild);
  try {
    await dotenv().read(context);
  } catch (error) {
    assert.ok(error instanceof HushbookError);
    assert.ok(!error.message.includes(token));
  }
}

const NUMBERS = ["0", "1", "-1", "1e9", "99999999999999999999", "0.5", "NaN", "", "60", "Infinity"];
const PIECES = [
  ...['"', ";", ",", "=", " ", "\\", "r", "t", "q", "w", '"api"', '"fixed window"', "\x80"],
  ...["Wed, 21 Oct 2099 07:28:00 GMT", ...NUMBERS],
];

/** Whatever a server sends, the reading is numbers that can be waited for, or nothing. */
export function headers(seed: number): void {
  const choices = new Choices(seed);
  const sent = new Headers();
  for (const name of ["retry-after", "retry-after-ms", "ratelimit", "ratelimit-policy"]) {
    const value = some(choices, PIECES, choices.pick([1, 12]));
    if (choices.below(2) === 0) sent.set(name, value);
  }
  const numbers: (number | undefined)[] = readQuotas(sent)
    .flatMap(({ remaining, resetMs, quota, windowMs }) => [remaining, resetMs, quota, windowMs]);
  const word = readServerWord(
    { status: choices.pick([200, 429, 503]), headers: sent },
    1_700_000_000_000,
  );
  for (const value of JSON.stringify(word).matchAll(/:(-?[\d.e+-]+|null)/g)) {
    numbers.push(Number(value[1]));
  }
  for (const value of numbers) {
    if (value !== undefined) assert.ok(Number.isFinite(value) && value >= 0, `${value}`);
  }
}
