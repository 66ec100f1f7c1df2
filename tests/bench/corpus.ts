/**
 * Makes a corpus of notebooks like huggingface/notebooks: about 1,500 notebooks and 68 MB, half of
 * them under 15 kB, a few of several MB, six in ten with something to clear, images in base64. The
 * same seed gives the same bytes.
 */
import { seededRandom } from "../kit/tokens.ts";

/** Quantiles of the size of a notebook in bytes; in between it grows by equal factors. */
const SIZES: readonly (readonly [quantile: number, bytes: number])[] = [
  [0, 1_000],
  [0.5, 14_600],
  [0.9, 42_000],
  [0.95, 140_000],
  [0.99, 831_000],
  [0.9993, 1_200_000],
  [1, 3_200_000],
];
/** The largest notebook that may have no outputs. */
const CLEAN_BELOW = 45_000;
const WORDS =
  ("the model dataset tokenizer trainer from import load_dataset print for in range def return " +
    'config "bert-base-uncased" batch labels = ( ) [ ] { } : , . # ## loss.backward() accuracy é 🤗 → ' +
    "https://huggingface.co/docs/transformers hf_hub_download self.model.parameters() None True 0.5 1e-5")
    .split(" ");

type Random = () => number;

function sizeAt(quantile: number): number {
  const upper = SIZES.findIndex(([at]) => at >= quantile);
  if (upper <= 0) return SIZES[0]![1];
  const [from, small] = SIZES[upper - 1]!;
  const [to, large] = SIZES[upper]!;
  return small * (large / small) ** ((quantile - from) / (to - from));
}

function line(random: Random): string {
  const words = Array.from(
    { length: 3 + Math.floor(random() * 12) },
    () => WORDS[Math.floor(random() * WORDS.length)],
  );
  return `${"    ".repeat(Math.floor(random() * 3))}${words.join(" ")}\n`;
}

function lines(random: Random, bytes: number): string[] {
  const list: string[] = [];
  for (let length = 0; length < bytes;) {
    const text = line(random);
    list.push(text);
    length += text.length + 10;
  }
  return list;
}

/** Random bytes in base64: as long as a PNG, and as hard to compress, which is what git does to it. */
function image(random: Random, bytes: number): string {
  const noise = new Uint32Array(Math.floor(bytes / 16) * 3);
  let state = Math.floor(random() * 2 ** 32) | 1;
  for (let at = 0; at < noise.length; at++) { // xorshift: the seeded generator would be too slow
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    noise[at] = state;
  }
  return `${new Uint8Array(noise.buffer).toBase64()}\n`;
}

function output(random: Random, bytes: number): Record<string, unknown> {
  const kind = random();
  if (bytes > 20_000 && kind < 0.7) {
    return {
      data: {
        "image/png": image(random, bytes),
        "text/plain": ["<Figure size 640x480 with 1 Axes>"],
      },
      metadata: { needs_background: "light" },
      output_type: "display_data",
    };
  }
  if (kind < 0.4) {
    const cell = (text: string) => `      <td>${text.trim()}</td>\n`;
    return {
      data: {
        "text/html": ["<div>\n", ...lines(random, bytes).map(cell), "</div>"],
        "text/plain": ["table"],
      },
      execution_count: 1,
      metadata: {},
      output_type: "execute_result",
    };
  }
  return { name: "stdout", output_type: "stream", text: lines(random, bytes) };
}

function codeCell(random: Random, id: string, source: number, outputs: number): unknown {
  const count = outputs > 0 ? 1 + Math.floor(random() * 80) : null;
  return {
    cell_type: "code",
    execution_count: count,
    id,
    metadata: count !== null && random() < 0.2 ? { collapsed: false, scrolled: true } : {},
    outputs: outputs > 0 ? [output(random, outputs)] : [],
    source: lines(random, source),
  };
}

/** One notebook of about this many bytes, as Jupyter writes it. */
function notebook(random: Random, bytes: number): string {
  const clean = bytes < CLEAN_BELOW && random() < 0.44;
  const sources = clean
    ? bytes
    : Math.min(bytes * (0.45 + random() * 0.3), 25_000 + random() * 60_000);
  const count = Math.max(2, Math.round(sources / 900));
  const withOutput = Math.ceil(count / 4);
  const cells = Array.from({ length: count }, (_, index) => {
    const id = Math.floor(random() * 2 ** 32).toString(16).padStart(8, "0");
    const size = sources / count - 130;
    if (index % 2 === 0) {
      return { cell_type: "markdown", id, metadata: {}, source: lines(random, size) };
    }
    return codeCell(
      random,
      id,
      size,
      clean || index % 4 !== 1 ? 0 : (bytes - sources) / withOutput,
    );
  });
  const metadata = {
    kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
    ...(!clean && random() < 0.05 ? { widgets: { state: { a: { model: line(random) } } } } : {}),
  };
  return `${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`;
}

/** What a corpus holds. */
export interface Corpus {
  /** Absolute paths of the notebooks. */
  readonly files: readonly string[];
  /** Their bytes in all. */
  readonly bytes: number;
}

/** Writes a corpus below a folder, in folders of 50 notebooks. */
export function makeCorpus(folder: string, notebooks = 1_500, seed = 1): Corpus {
  const random = seededRandom(seed);
  const files: string[] = [];
  let bytes = 0;
  for (let index = 0; index < notebooks; index++) {
    // Sizes in shuffled order: a step that shares no factor with the number of notebooks.
    const quantile = (index * 617 % notebooks) / Math.max(1, notebooks - 1);
    const inside = `${folder}/part${String(Math.floor(index / 50)).padStart(2, "0")}`;
    Deno.mkdirSync(inside, { recursive: true });
    const text = new TextEncoder().encode(notebook(random, sizeAt(quantile)));
    const file = `${inside}/notebook${String(index).padStart(4, "0")}.ipynb`;
    Deno.writeFileSync(file, text);
    files.push(file);
    bytes += text.length;
  }
  return { files, bytes };
}
