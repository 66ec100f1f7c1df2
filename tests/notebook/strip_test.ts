import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { NotebookError, UsageError } from "../../src/errors.ts";
import { stripNotebook, type StripOptions } from "../../src/notebook/strip.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const strip = (text: string, options?: StripOptions) =>
  decode(stripNotebook(encode(text), options).bytes);

/** A notebook of nbformat 4 around one cell, as Jupyter lays it out. */
const around = (cell: string, metadata = "{}") =>
  `{\n "cells": [\n  ${cell}\n ],\n "metadata": ${metadata},\n "nbformat": 4,\n "nbformat_minor": 5\n}\n`;

const CODE_BEFORE = `{
   "cell_type": "code",
   "execution_count": 12,
   "id": "a1",
   "metadata": {
    "collapsed": false,
    "name": "x",
    "scrolled": true
   },
   "outputs": [
    {
     "data": {"text/plain": ["1"]},
     "execution_count": 12,
     "output_type": "execute_result"
    }
   ],
   "source": ["1\\n"]
  }`;
const CODE_AFTER = `{
   "cell_type": "code",
   "execution_count": null,
   "id": "a1",
   "metadata": {
    "name": "x"
   },
   "outputs": [],
   "source": ["1\\n"]
  }`;

Deno.test("stripNotebook clears a code cell as Jupyter lays it out", () => {
  const result = stripNotebook(encode(around(CODE_BEFORE)));
  equal(decode(result.bytes), around(CODE_AFTER));
  deepEqual(result.removed, {
    outputs: 1,
    counts: 1,
    keys: 2,
    cells: 0,
    bytes: around(CODE_BEFORE).length - around(CODE_AFTER).length,
  });
});

/** Spellings that tools which parse and print again change; here each stays as it is. */
const KEPT: Record<string, string> = {
  "a float with a zero": "1.0",
  "an exponent": "1e10",
  "a capital exponent": "1E+2",
  "minus zero": "-0",
  "a number beyond double": "1e400",
  "an integer beyond 2^53": "9007199254740993",
  "an integer of 30 digits": "123456789012345678901234567890",
  "a long decimal": "0.10000000000000000555",
  "NaN": "NaN",
  "Infinity": "[Infinity, -Infinity]",
  "integer-like keys": '{"2": 1, "1": 2, "10": 3}',
  "duplicate keys": '{"a": 1, "a": 2}',
  "keys out of order": '{"z": 1, "a": 2}',
  "an escaped letter": '"\\u00e9"',
  "a letter": '"é"',
  "an escaped solidus": '"\\/"',
  "an escaped line separator": '"\\u2028"',
  "a line separator": '"\u2028"',
  "a surrogate pair": '"\\ud83d\\ude00"',
  "a lone surrogate": '"\\ud83d"',
  "a lone low surrogate": '"\\uDE00 x"',
  "capital hex digits": '"\\u00E9"',
  "a NUL escape": '"\\u0000"',
  "DEL": '"\u007f"',
  "inner space": '{ "a" :1 ,\t"b": [ ] }',
  "an unknown structure": '{"cells": [{"outputs": [1], "execution_count": 3}]}',
  "deep nesting": "[".repeat(20_000) + "]".repeat(20_000),
};

for (const [name, value] of Object.entries(KEPT)) {
  Deno.test(`stripNotebook keeps ${name} byte for byte`, () => {
    const clean = around(`{"cell_type": "code", "metadata": {"x": ${value}}, "source": []}`);
    const result = stripNotebook(encode(clean));
    equal(decode(result.bytes), clean);
    const before = around(CODE_BEFORE, `{"x": ${value}}`);
    equal(strip(before), around(CODE_AFTER, `{"x": ${value}}`));
  });
}

const LAYOUTS: Record<string, (text: string) => string> = {
  "minified": (text) => text.replaceAll(/\n */g, ""),
  "CRLF": (text) => text.replaceAll("\n", "\r\n"),
  "tabs": (text) => text.replaceAll(/^ +/gm, (run) => "\t".repeat(run.length)),
  "an indent of four": (text) => text.replaceAll(/^ +/gm, (run) => run.repeat(4)),
  "a byte order mark": (text) => "\ufeff" + text,
  "no final newline": (text) => text.trimEnd(),
  "two final newlines": (text) => text + "\n",
  "space before commas": (text) => text.replaceAll(",", " ,"),
};

for (const [name, lay] of Object.entries(LAYOUTS)) {
  Deno.test(`stripNotebook keeps the layout of a notebook with ${name}`, () => {
    // The commas inside strings stay out of this: none of the texts has one.
    equal(strip(lay(around(CODE_BEFORE))), lay(around(CODE_AFTER)));
  });
}

Deno.test("stripNotebook gives back the given array when there is nothing to remove", () => {
  const input = encode(around(CODE_AFTER));
  const result = stripNotebook(input);
  equal(result.bytes, input);
  equal(result.changed, false);
  deepEqual(result.removed, { outputs: 0, counts: 0, keys: 0, cells: 0, bytes: 0 });
});

Deno.test("stripNotebook leaves an empty or blank file alone", () => {
  for (const text of ["", "\n", " \r\n"]) {
    const input = encode(text);
    equal(stripNotebook(input).bytes, input);
    equal(stripNotebook(input).changed, false);
  }
});

Deno.test("stripNotebook keeps bytes that are not UTF-8 in strings", () => {
  const [before, after] = around('{"source": ["?"], "outputs": [1], "metadata": {}}').split("?");
  const input = new Uint8Array([
    ...encode(before!),
    0xff,
    0xc3,
    0x28,
    0xed,
    0xa0,
    0x80,
    ...encode(after!),
  ]);
  const output = stripNotebook(input).bytes;
  const tail = encode(after!.replace("[1]", "[]"));
  deepEqual([...output], [...encode(before!), 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, ...tail]);
});

Deno.test("stripNotebook knows a key however it is spelled", () => {
  equal(
    strip(
      around(
        '{"\\u006futputs": [1], "execution\\u005fcount": 3, "metadata": {"scrolle\\u0064": 1}}',
      ),
    ),
    around('{"\\u006futputs": [], "execution\\u005fcount": null, "metadata": {}}'),
  );
});

Deno.test("stripNotebook clears each of a repeated key", () => {
  equal(
    strip(
      around('{"outputs": [1], "execution_count": 3, "outputs": [2, 3], "execution_count": 4}'),
    ),
    around('{"outputs": [], "execution_count": null, "outputs": [], "execution_count": null}'),
  );
});

Deno.test("stripNotebook does not touch look-alikes of its keys", () => {
  const text = around(
    '{"metadata": {"outputs": [1], "x": {"scrolled": 1}}, "attachments": {"outputs": [1]}, ' +
      '"source": ["\\"outputs\\": [1]"]}',
    '{"outputs": [1], "execution_count": 3, "x": {"widgets": 1}, "scrolled": true}',
  );
  equal(strip(text), text);
});

const METADATA: [before: string, after: string][] = [
  ['{"collapsed": 1}', "{}"],
  ['{\n "collapsed": 1\n}', "{}"],
  ['{"collapsed": 1, "a": 2}', '{"a": 2}'],
  ['{"a": 2, "collapsed": 1}', '{"a": 2}'],
  ['{"a": 2, "collapsed": 1, "hidden": [{}], "b": 3}', '{"a": 2, "b": 3}'],
  ['{"collapsed": 1, "a": 2, "hidden": {"x": "},"}}', '{"a": 2}'],
  ['{ "collapsed": 1 , "a": 2 , "hidden": 3 }', '{ "a": 2 }'],
  ['{"collapsed": 1, "collapsed": 2, "a": 1, "collapsed": 3}', '{"a": 1}'],
  [
    '{"ExecuteTime": {}, "execution": {}, "heading_collapsed": 1, "hidden": 1, "scrolled": 1}',
    "{}",
  ],
];

Deno.test("stripNotebook removes metadata keys with their commas and space", () => {
  for (const [before, after] of METADATA) {
    equal(strip(around(`{"metadata": ${before}}`)), around(`{"metadata": ${after}}`));
  }
  equal(
    strip(around("{}", '{"signature": "x", "kernelspec": {}, "widgets": {"a": [1]}}')),
    around("{}", '{"kernelspec": {}}'),
  );
});

Deno.test("stripNotebook clears nbformat 3 with its prompt numbers", () => {
  equal(
    strip(
      '{"metadata": {"signature": "s", "name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [' +
        '{"cell_type": "code", "collapsed": false, "input": ["1"], "language": "python", "metadata": {}, ' +
        '"outputs": [{"output_type": "pyout", "prompt_number": 1}], "prompt_number": 1}], "metadata": {}}]}',
    ),
    '{"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [' +
      '{"cell_type": "code", "collapsed": false, "input": ["1"], "language": "python", "metadata": {}, ' +
      '"outputs": [], "prompt_number": null}], "metadata": {}}]}',
  );
});

const OUTPUT = '{"output_type": "execute_result", "execution_count": 7, "data": {}}';
const CLEARED = '{"output_type": "execute_result", "execution_count": null, "data": {}}';

const MARKS: [metadata: string, kept: boolean][] = [
  ["{}", false],
  ['{"keep_output": true}', true],
  ['{"keep_output": false}', false],
  ['{"keep_output": null}', false],
  ['{"keep_output": 1}', true],
  ['{"keep_output": 0.0}', false],
  ['{"keep_output": "yes"}', true],
  ['{"keep_output": ""}', false],
  ['{"keep_output": true, "keep_output": false}', false],
  ['{"tags": ["a", "keep_output"]}', true],
  ['{"tags": ["keep\\u005foutput"]}', true],
  ['{"tags": ["keep_outputs"]}', false],
  ['{"tags": "keep_output"}', false],
  ['{"init_cell": true}', true],
  ['{"init_cell": false, "keep_output": true}', false],
];

Deno.test("stripNotebook keeps the outputs of marked cells, without their counts", () => {
  for (const [metadata, kept] of MARKS) {
    equal(
      strip(around(`{"outputs": [${OUTPUT}], "metadata": ${metadata}}`)),
      around(`{"outputs": [${kept ? CLEARED : ""}], "metadata": ${metadata}}`),
      metadata,
    );
  }
});

Deno.test("stripNotebook keeps outputs of a notebook marked as a whole, wherever its metadata stands", () => {
  const cells = (outputs: string, metadata = "{}") =>
    `{"cells": [{"outputs": [${outputs}], "metadata": ${metadata}}], "metadata": {"keep_output": true}}`;
  equal(strip(cells(OUTPUT)), cells(CLEARED));
  equal(strip(cells(OUTPUT, '{"keep_output": false}')), cells("", '{"keep_output": false}'));
  equal(strip(cells(OUTPUT), { keepOutput: false }), cells(""));
});

Deno.test("stripNotebook refuses a cell that says both", () => {
  throws(
    () =>
      strip(
        around('{"outputs": [1], "metadata": {"keep_output": false, "tags": ["keep_output"]}}'),
      ),
    (error: NotebookError) => error.code === "notebook-shape" && error.line === 3,
  );
});

const OPTIONS: [name: string, options: StripOptions, before: string, after: string][] = [
  ["keepOutput", { keepOutput: true }, `{"outputs": [${OUTPUT}]}`, `{"outputs": [${CLEARED}]}`],
  [
    "keepOutput with a cell that says no",
    { keepOutput: true },
    `{"outputs": [${OUTPUT}], "metadata": {"keep_output": false}}`,
    `{"outputs": [], "metadata": {"keep_output": false}}`,
  ],
  [
    "keepCount",
    { keepCount: true },
    `{"execution_count": 3, "outputs": [${OUTPUT}]}`,
    `{"execution_count": 3, "outputs": []}`,
  ],
  [
    "keepCount with keepOutput",
    { keepCount: true, keepOutput: true },
    `{"execution_count": 3, "outputs": [${OUTPUT}]}`,
    `{"execution_count": 3, "outputs": [${OUTPUT}]}`,
  ],
  [
    "extraKeys",
    { extraKeys: ["cell.metadata.a.b", "cell.attachments", "metadata.kernelspec"] },
    '{"attachments": {}, "metadata": {"a": {"b": 1, "c": 2}, "b": 3}}',
    '{"metadata": {"a": {"c": 2}, "b": 3}}',
  ],
  [
    "extraKeys with a key that holds dots",
    { extraKeys: ["cell.metadata.a.b.c"] },
    '{"metadata": {"a.b.c": 1, "a": {"b.c": 2, "b": {"c": 3, "d": 4}}, "a.b": {"c": 5}}}',
    '{"metadata": {"a": {"b": {"d": 4}}, "a.b": {"c": 5}}}',
  ],
  [
    "keepMetadataKeys",
    {
      keepMetadataKeys: ["cell.metadata.scrolled", "cell.metadata.x"],
      extraKeys: ["cell.metadata.x"],
    },
    '{"metadata": {"scrolled": 1, "collapsed": 2, "x": 3}}',
    '{"metadata": {"scrolled": 1, "x": 3}}',
  ],
  [
    "stripInitCells",
    { stripInitCells: true },
    '{"outputs": [1], "metadata": {"init_cell": true}}',
    '{"outputs": [], "metadata": {"init_cell": true}}',
  ],
  [
    "maxSize",
    { maxSize: 6 },
    '{"outputs": [{"a": "123456"}, {"a": ["123", "4567"]}, {"a": [1, 2.5, true]}, {"key beyond": "é😀\\ud83d\\ude00"}]}',
    '{"outputs": [{"a": "123456"}, {"key beyond": "é😀\\ud83d\\ude00"}]}',
  ],
  [
    "dropOutputType",
    { keepOutput: true, dropOutputType: ["error", "stream:stderr"] },
    '{"outputs": [{"output_type": "error"}, {"output_type": "stream", "name": "stderr"}, {"output_type": "stream", "name": "stdout"}]}',
    '{"outputs": [{"output_type": "stream", "name": "stdout"}]}',
  ],
  [
    "keepOutputType",
    { keepOutputType: ["error", "stream:stderr"] },
    '{"outputs": [{"output_type": "stream", "name": "stdout"}, {"output_type": "error"}, {"output_type": "stream", "name": "stderr"}]}',
    '{"outputs": [{"output_type": "error"}, {"output_type": "stream", "name": "stderr"}]}',
  ],
  [
    "keepOutputType in a cell marked to be kept",
    { keepOutputType: ["error"] },
    '{"outputs": [{"output_type": "stream"}, {"output_type": "error"}], "metadata": {"keep_output": true}}',
    '{"outputs": [{"output_type": "error"}], "metadata": {"keep_output": true}}',
  ],
];

for (const [name, options, before, after] of OPTIONS) {
  Deno.test(`stripNotebook obeys ${name}`, () => {
    const metadata = '{"kernelspec": 1, "x": 2}';
    const left = options.extraKeys?.includes("metadata.kernelspec") ? '{"x": 2}' : metadata;
    const once = strip(around(before, metadata), options);
    equal(once, around(after, left));
    equal(strip(once, options), once);
  });
}

Deno.test("stripNotebook drops empty and tagged cells when asked", () => {
  const cells = (...list: string[]) => `{"cells": [${list.join(", ")}], "nbformat": 4}`;
  const empty = [
    '{"source": []}',
    '{"source": ""}',
    '{"source": [" \\n", "\\t"]}',
    '{"input": [" "]}',
    "{}",
  ];
  const full = '{"source": ["", "x"]}';
  equal(strip(cells(...empty, full, ...empty), { dropEmptyCells: true }), cells(full));
  equal(strip(cells(...empty), { dropEmptyCells: true }), cells());
  equal(strip(cells(...empty)), cells(...empty));
  const tagged = (tag: string) =>
    `{"metadata": {"tags": ["y", "${tag}"]}, "source": "x", "outputs": [1]}`;
  equal(
    strip(cells(tagged("a"), full, tagged("b"), full, tagged("c")), {
      dropTaggedCells: ["a", "b"],
    }),
    cells(full, full, tagged("c").replace("[1]", "[]")),
  );
  const result = stripNotebook(encode(cells(...empty, full)), { dropEmptyCells: true });
  equal(result.removed.cells, 5);
});

Deno.test("stripNotebook refuses to remove what makes a notebook invalid", () => {
  for (
    const key of [
      "cell.source",
      "cell.id",
      "cell.outputs",
      "scrolled",
      "cells.x",
      "metadata",
      "cell.",
    ]
  ) {
    throws(() => strip(around("{}"), { extraKeys: [key] }), UsageError);
  }
});

const DAMAGED: [name: string, text: string, code: string, line: number, column: number][] = [
  ["text", "hello", "notebook-syntax", 1, 1],
  ["a truncated file", '{\n "cells": [\n  {"source": ["é', "notebook-truncated", 3, 17],
  ["a file cut after a comma", '{"cells": [],\n', "notebook-truncated", 2, 1],
  ["a missing comma", '{"cells": []\n "metadata": {}}', "notebook-syntax", 2, 2],
  ["a trailing comma", '{"cells": [],}', "notebook-syntax", 1, 14],
  ["a bad escape", '{"cells": [], "é": "\\x"}', "notebook-syntax", 1, 22],
  ["a bad \\u escape", '{"cells": [], "e": "\\u12g4"}', "notebook-syntax", 1, 25],
  ["a raw line feed in a string", '{"cells": [], "e": "a\nb"}', "notebook-syntax", 1, 22],
  [
    "a raw tab in a long string",
    `{"cells": [], "e": "${"a".repeat(99)}\tb"}`,
    "notebook-syntax",
    1,
    120,
  ],
  ["single quotes", "{'cells': []}", "notebook-syntax", 1, 2],
  ["a leading zero", '{"cells": [], "e": 01}', "notebook-syntax", 1, 21],
  ["UTF-16", "\u0000", "notebook-syntax", 1, 1],
  ["trailing text", '{"cells": []}\n}', "notebook-trailing", 2, 1],
  ["trailing NUL bytes", '{"cells": []}\n\0\0', "notebook-trailing", 2, 1],
  ["two notebooks", '{"cells": []} {"cells": []}', "notebook-trailing", 1, 15],
  ["a list", "[]", "notebook-shape", 1, 1],
  ["no cells", "{}", "notebook-shape", 1, 1],
  ["cells that are no list", '{\n"cells": {}}', "notebook-shape", 2, 10],
  ["a cell that is no object", '{"cells": [{}, 1]}', "notebook-shape", 1, 16],
  ["outputs that are no list", '{"cells": [{"outputs": null}]}', "notebook-shape", 1, 24],
  ["metadata that is no object", '{"cells": [{"metadata": []}]}', "notebook-shape", 1, 25],
  ["a worksheet that is no object", '{"worksheets": [[]]}', "notebook-shape", 1, 17],
  ["a newer format", '{"cells": [], "nbformat": 5}', "notebook-shape", 1, 27],
  ["a damaged file of a wrong shape", '{"cells": {}, "x": }', "notebook-syntax", 1, 20],
];

for (const [name, text, code, line, column] of DAMAGED) {
  Deno.test(`stripNotebook refuses ${name} and says where`, () => {
    throws(() => strip(text), (error: NotebookError) => {
      ok(error instanceof NotebookError);
      deepEqual([error.code, error.line, error.column], [code, line, column], error.message);
      ok(/^Cannot read the notebook: .{20,}/.test(error.message));
      return true;
    });
  });
}

Deno.test("stripNotebook tells a merge conflict from other damage", () => {
  const text = around(CODE_BEFORE).replace(
    '   "execution_count": 12,',
    '<<<<<<< HEAD\n   "execution_count": 12,\n=======\n   "execution_count": 13,\n>>>>>>> other',
  );
  throws(
    () => strip(text),
    (error: NotebookError) =>
      error.code === "notebook-conflict" && error.line === 5 && error.column === 1 &&
      /resolve/.test(error.message),
  );
});

Deno.test("stripNotebook says what to do with UTF-16", () => {
  const utf16 = new Uint8Array([
    0xff,
    0xfe,
    ...[...around("{}")].flatMap((c) => [c.charCodeAt(0), 0]),
  ]);
  throws(() => stripNotebook(utf16), /UTF-16 text; save it as UTF-8/);
});

Deno.test("no message of stripNotebook quotes the notebook", () => {
  const secret = "Sesame";
  for (
    const text of [
      `{"cells": [${secret}`,
      `{"cells": ["${secret}"]}`,
      `${secret}`,
      `{"${secret}" 1}`,
    ]
  ) {
    throws(
      () => strip(text),
      (error: Error) => !`${error.stack}${Deno.inspect(error)}`.includes(secret),
    );
  }
});
