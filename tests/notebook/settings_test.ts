import { deepEqual, equal, throws } from "node:assert/strict";
import { ConfigError } from "../../src/errors.ts";
import { NO_SETTINGS, optionsFor, parseSettings } from "../../src/notebook/settings.ts";
import { fakeToken } from "../kit/tokens.ts";

const parse = (value: unknown) =>
  parseSettings(
    new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)),
    "x/hushbook.json",
  );

Deno.test("parseSettings accepts every setting", () => {
  const settings = parse({
    $schema: "https://example.org/hushbook.schema.json",
    keepOutput: ["gallery/**"],
    keepCount: true,
    extraKeys: ["metadata.kernelspec"],
    keepMetadataKeys: ["cell.metadata.scrolled"],
    dropEmptyCells: true,
    dropTaggedCells: ["scratch"],
    stripInitCells: true,
    maxSize: "2k",
    dropOutputType: ["stream:stderr"],
    keepOutputType: ["error"],
  });
  deepEqual(settings, {
    keepOutput: ["gallery/**"],
    strip: {
      keepCount: true,
      extraKeys: ["metadata.kernelspec"],
      keepMetadataKeys: ["cell.metadata.scrolled"],
      dropEmptyCells: true,
      dropTaggedCells: ["scratch"],
      stripInitCells: true,
      maxSize: 2000,
      dropOutputType: ["stream:stderr"],
      keepOutputType: ["error"],
    },
  });
  deepEqual(parse({}), NO_SETTINGS);
  deepEqual(parse('\ufeff{"keepOutput": true}').strip, { keepOutput: true });
  deepEqual(parse({ keepOutput: false }), NO_SETTINGS);
  deepEqual(parse({ maxSize: 7 }).strip, { maxSize: 7 });
});

const REFUSED: [value: unknown, message: RegExp][] = [
  ["{", /x\/hushbook\.json: the file is not valid JSON/],
  ['{"keepCount": true,}', /trailing commas are not allowed/],
  ["[]", /not an object; allowed keys are keepOutput, keepCount/],
  [{ failOn: "token" }, /"failOn" is not a setting; allowed keys are keepOutput/],
  [{ keep_output: true }, /"keep_output" is not a setting, did you mean "keepOutput"\?/],
  [{ "keep-counts": true }, /did you mean "keepCount"\?/],
  [{ toString: 1 }, /"toString" is not a setting/],
  [{ keepCount: "yes" }, /"keepCount" is not true or false/],
  [{ keepOutput: "gallery" }, /"keepOutput" is not true, false, or a list of path patterns/],
  [{ keepOutput: [""] }, /"keepOutput" is not/],
  [{ extraKeys: ["cell.source"] }, /"extraKeys" is not a list of keys/],
  [{ extraKeys: ["foo"] }, /"extraKeys" is not a list of keys/],
  [{ maxSize: -1 }, /"maxSize" is not a number/],
  [{ maxSize: "1 kB" }, /"maxSize" is not a number/],
  [{ dropOutputType: ["std err"] }, /"dropOutputType" is not a list of output types/],
];

Deno.test("parseSettings refuses and says what is allowed", () => {
  for (const [value, message] of REFUSED) {
    throws(
      () => parse(value),
      (error: Error) => error instanceof ConfigError && message.test(error.message),
    );
  }
});

Deno.test("parseSettings never quotes a token", () => {
  const token = fakeToken();
  for (
    const value of [{ [token]: 1 }, { keepOutput: token }, { extraKeys: [token] }, `{"${token}`]
  ) {
    throws(() => parse(value), (error: Error) => !error.message.includes(token.slice(3, 20)));
  }
});

Deno.test("optionsFor joins settings, path patterns and flags", () => {
  const settings = parse({ keepOutput: ["gallery/"], extraKeys: ["metadata.a"], maxSize: 1 });
  equal(optionsFor(settings, "gallery/a.ipynb").keepOutput, true);
  equal(optionsFor(settings, "a.ipynb").keepOutput, undefined);
  const options = optionsFor(settings, "a.ipynb", { extraKeys: ["metadata.b"], maxSize: 2 });
  deepEqual(options.extraKeys, ["metadata.a", "metadata.b"]);
  equal(options.maxSize, 2);
});
