import assert from "node:assert/strict";
import { cleanToken } from "../../src/secret/clean.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(2);

const WRAPPED: readonly (readonly [string, string])[] = [
  ["nothing", token],
  ["line feed", `${token}\n`],
  ["Windows line end", `${token}\r\n`],
  ["tabs and spaces", `\t ${token}  `],
  ["no-break space", `\u00a0${token}\u00a0`],
  ["byte order mark", `\ufeff${token}`],
  ["zero-width space inside", token.slice(0, 11) + "\u200b" + token.slice(11)],
  ["word joiner at the end", `${token}\u2060`],
  ["directional mark", `\u202a${token}\u202c`],
  ["double quotes", `"${token}"`],
  ["single quotes and line end", `'${token}'\n`],
  ["typographic quotes", `“${token}”`],
  ["back ticks", "`" + token + "`"],
  ["angle brackets", `<${token}>`],
  ["Bearer", `Bearer ${token}`],
  ["a whole header", `Authorization: bearer ${token}\r\n`],
  ["assignment", `HF_TOKEN=${token}`],
  ["export with quotes", `export HF_TOKEN="${token}"\n`],
  ["PowerShell", `$env:HF_TOKEN = "${token}"`],
  ["cmd", `set HF_TOKEN=${token}`],
  ["YAML", `HF_TOKEN: '${token}'`],
  ["other name", `HUGGING_FACE_HUB_TOKEN=${token};`],
  ["quotes in an assignment in quotes", `"HF_TOKEN='${token}'"`],
];

for (const [wrapping, text] of WRAPPED) {
  Deno.test(`cleanToken() unwraps a token with ${wrapping}`, () => {
    assert.equal(cleanToken(text), token);
  });
}

Deno.test("cleanToken() leaves visible things inside alone", () => {
  for (const text of [`${token}\n${token}`, `${token} ${token}`, "hf_a b", `${token}…`]) {
    assert.equal(cleanToken(text), text);
  }
});

Deno.test("cleanToken() leaves nothing of a text that is only wrapping", () => {
  for (const text of ["", " \n", '""', "HF_TOKEN=", "\ufeff", "Bearer ''"]) {
    assert.match(cleanToken(text), /^(Bearer)?$/);
  }
});
