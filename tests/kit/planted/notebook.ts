/** Small builders of notebooks for the generated set. */

import { seededRandom } from "../tokens.ts";

/** A seeded source of choices. */
export class Choices {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** One of several. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** Random characters of an alphabet. */
  text(length: number, alphabet: string): string {
    let text = "";
    while (text.length < length) text += alphabet[this.below(alphabet.length)];
    return text;
  }

  /** Random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** Text as nbformat stores it: a list of lines, each with its line end. */
export function lines(text: string): string[] {
  return text.split(/(?<=\n)/);
}

type Json = Record<string, unknown>;

/** A code cell. */
export function code(source: unknown, outputs: unknown[] = [], metadata: Json = {}): Json {
  return { cell_type: "code", execution_count: 1, id: "c0de", metadata, outputs, source };
}

/** A stream output. */
export function stream(text: unknown, name = "stdout"): Json {
  return { name, output_type: "stream", text };
}

/** A display output. */
export function display(mime: string, value: unknown): Json {
  return { data: { [mime]: value }, metadata: {}, output_type: "display_data" };
}

/** A notebook of some cells, among cells of ordinary text. */
export function notebook(cells: unknown[], metadata: Json = {}): Json {
  const before = {
    cell_type: "markdown",
    id: "intro",
    metadata: {},
    source: [
      "# Fine-tuning with `hf_hub_download`\n",
      "\n",
      "Log in first, then run every cell.\n",
    ],
  };
  const after = code(["import os\n", 'print("done")\n', "self_f_x = _name\n"], [
    stream(["done\n"]),
  ]);
  return {
    cells: [before, ...cells, after],
    metadata: {
      kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
      ...metadata,
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** A notebook as a file. */
export function file(value: unknown, indent: number | string = 1): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, indent)}\n`);
}

/** A notebook with one code cell. */
export function withSource(text: string): Uint8Array {
  return file(notebook([code(lines(text))]));
}

/** A notebook with one output. */
export function withOutput(output: unknown): Uint8Array {
  return file(notebook([code(["run()\n"], [output])]));
}

/** Base64 of text or bytes. */
export function base64(value: string | Uint8Array): string {
  return (typeof value === "string" ? new TextEncoder().encode(value) : value).toBase64();
}

/** Every character spelled by a function. */
export function spell(text: string, each: (char: string, index: number) => string): string {
  return [...text].map(each).join("");
}

/** A character's code in hexadecimal, padded. */
export function hexOf(char: string, width: number): string {
  return char.charCodeAt(0).toString(16).padStart(width, "0");
}
