/**
 * Notebooks for property tests: a tree that remembers every spelling and every space, so that the
 * exact bytes a strip must give can be computed without any scanner.
 */
import fc from "fast-check";

/** A value with its spelling. */
export type Node =
  | { readonly kind: "raw"; readonly raw: string }
  | {
    readonly kind: "list";
    readonly open: "[" | "{";
    readonly items: readonly Item[];
    gap: string;
  };

/** An element, or a member with its key; with the space around it. */
export interface Item {
  readonly key?: string;
  readonly keyRaw?: string;
  readonly before: string;
  readonly after: string;
  readonly value: Node;
}

/** The text of a node, space included. */
export function render(node: Node): string {
  if (node.kind === "raw") return node.raw;
  const close = node.open === "{" ? "}" : "]";
  if (node.items.length === 0) return node.open + node.gap + close;
  const items = node.items.map(({ keyRaw, before, after, value }) =>
    before + (keyRaw === undefined ? "" : `${keyRaw}: `) + render(value) + after
  );
  return node.open + items.join(",") + close;
}

/** Removes items: a comma goes with each; see `cutItems` for which space stays. */
function without(node: Node & { kind: "list" }, goes: (item: Item) => boolean): Node {
  const items: Item[] = [];
  for (const item of node.items) {
    const last = items.at(-1);
    if (!goes(item)) {
      items.push(last === undefined ? { ...item, before: node.items[0]!.before } : item);
    } else if (last !== undefined) {
      items[items.length - 1] = { ...last, after: item.after };
    }
  }
  const gap = node.items.length === 0 ? node.gap : "";
  return { ...node, items, gap };
}

const CELL_KEYS = [
  "collapsed",
  "ExecuteTime",
  "execution",
  "heading_collapsed",
  "hidden",
  "scrolled",
];
const NOTEBOOK_KEYS = ["signature", "widgets"];
const NULL: Node = { kind: "raw", raw: "null" };

function each(node: Node, change: (item: Item) => Node): Node {
  if (node.kind === "raw") return node;
  return { ...node, items: node.items.map((item) => ({ ...item, value: change(item) })) };
}

function withoutKeys(node: Node, keys: readonly string[]): Node {
  return node.kind === "raw" ? node : without(node, ({ key }) => keys.includes(key!));
}

function last(node: Node, key: string): Node | undefined {
  return node.kind === "raw" ? undefined : node.items.findLast((item) => item.key === key)?.value;
}

const truthy = (node: Node | undefined) => node?.kind === "raw" && node.raw === "true";

/** Whether a cell's outputs are kept; `wide` is what the notebook says. */
function keeps(cell: Node, wide: boolean): boolean {
  const metadata = last(cell, "metadata");
  if (metadata === undefined) return wide;
  if (last(metadata, "init_cell") !== undefined) return truthy(last(metadata, "init_cell"));
  const tags = last(metadata, "tags");
  const tagged = tags?.kind === "list" &&
    tags.items.some(({ value }) => value.kind === "raw" && JSON.parse(value.raw) === "keep_output");
  if (tagged) return true;
  return last(metadata, "keep_output") === undefined ? wide : truthy(last(metadata, "keep_output"));
}

const isCount = (key: string | undefined) => key === "execution_count" || key === "prompt_number";

function stripCell(cell: Node, wide: boolean): Node {
  const keep = keeps(cell, wide);
  return each(cell, ({ key, value }) => {
    if (isCount(key)) return NULL;
    if (key === "metadata") return withoutKeys(value, CELL_KEYS);
    if (key !== "outputs" || value.kind === "raw") return value;
    if (!keep) return without(value, () => true);
    return each(
      value,
      (output) => each(output.value, (member) => isCount(member.key) ? NULL : member.value),
    );
  });
}

/** The notebook as the default options must leave it. */
export function strip(notebook: Node): Node {
  const metadata = last(notebook, "metadata");
  const wide = metadata !== undefined && truthy(last(metadata, "keep_output"));
  const cells = (list: Node) => each(list, ({ value }) => stripCell(value, wide));
  return each(notebook, ({ key, value }) => {
    if (key === "cells") return cells(value);
    if (key === "metadata") return withoutKeys(value, NOTEBOOK_KEYS);
    if (key !== "worksheets") return value;
    return each(
      value,
      (sheet) =>
        each(sheet.value, (member) => member.key === "cells" ? cells(member.value) : member.value),
    );
  });
}

const space = fc.constantFrom("", " ", "\n", "\r\n  ", "\t", "\n      ", "  \n ");
const rawText = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '"\\u00e9 \\/ \\u2028 \\ud83d\\ude00"',
    '"\\ud83d alone"',
    '"é \u2028 \u007f 😀 \\" \\\\"',
    '"ends with a backslash \\\\"',
    '"\\\\\\""',
    '"]}],{"',
    `"${"iVBORw0KGgo".repeat(40)}\\n"`,
    `"${"x".repeat(61)}\\t${"y".repeat(7)}"`,
  ),
);
const number = fc.constantFrom(
  "0",
  "-0",
  "1.0",
  "1e10",
  "1E+2",
  "7",
  "1e400",
  "123456789012345678901234567890",
  "0.1000",
);
const raw = fc.oneof(rawText, number, fc.constantFrom("true", "false", "null"))
  .map((text): Node => ({ kind: "raw", raw: text }));

function list(open: "[" | "{", items: fc.Arbitrary<Item[]>): fc.Arbitrary<Node> {
  return fc.record({
    kind: fc.constant("list" as const),
    open: fc.constant(open),
    items,
    gap: space,
  });
}

/** A key, now and then spelled with an escape. */
function spelled(key: string): fc.Arbitrary<string> {
  const escaped = [...key].map((char, i) =>
    i === 0 ? "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0") : char
  ).join("");
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant(JSON.stringify(key)) },
    { weight: key === "" ? 0 : 1, arbitrary: fc.constant(`"${escaped}"`) },
  );
}

function member(key: string, value: fc.Arbitrary<Node>): fc.Arbitrary<Item> {
  return fc.record({
    key: fc.constant(key),
    keyRaw: spelled(key),
    before: space,
    after: space,
    value,
  });
}

function object(
  members: Record<string, fc.Arbitrary<Node>>,
  extra: fc.Arbitrary<Item> = otherMember,
): fc.Arbitrary<Node> {
  const known = Object.entries(members).map(([key, value]) => member(key, value));
  return list("{", fc.array(fc.oneof(...known, extra), { maxLength: 8 }));
}

function array(value: fc.Arbitrary<Node>, maxLength = 4): fc.Arbitrary<Node> {
  return list("[", fc.array(fc.record({ before: space, after: space, value }), { maxLength }));
}

const otherMember = fc.constantFrom("1", "10", "2", "__proto__", "é", "", "x", "a.b")
  .chain((key) => member(key, raw));

const anything: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    raw,
    array(tie("node"), 3),
    fc.array(
      fc.constantFrom("outputs", "metadata", "data", "y").chain((key) => member(key, tie("node"))),
      {
        maxLength: 3,
      },
    ).map((items): Node => ({ kind: "list", open: "{", items, gap: " " })),
  ),
})).node;

const yesOrNo = fc.constantFrom("true", "false").map((text): Node => ({ kind: "raw", raw: text }));
const yes = fc.constant<Node>({ kind: "raw", raw: "true" });
const tags = array(
  fc.constantFrom('"keep_output"', '"x"', '"\\u006beep_output"').map((text): Node => ({
    kind: "raw",
    raw: text,
  })),
);
const cellMetadata = object({
  ...Object.fromEntries(CELL_KEYS.map((key) => [key, anything])),
  tags,
  init_cell: yesOrNo,
  keep_output: yes, // false beside a tag is a contradiction, tested elsewhere
});
const output = object({
  output_type: raw,
  execution_count: raw,
  prompt_number: raw,
  data: anything,
  text: raw,
});
const cell = object({
  cell_type: raw,
  id: raw,
  source: raw,
  metadata: cellMetadata,
  execution_count: raw,
  prompt_number: raw,
  outputs: array(output),
});
const metadata = object({
  signature: raw,
  widgets: anything,
  kernelspec: anything,
  keep_output: yesOrNo,
});

/** A whole notebook of nbformat 4 or 3, in any layout. */
export const notebook: fc.Arbitrary<Node> = fc.boolean().chain((old) => {
  const version: Node = { kind: "raw", raw: old ? "3" : "4" };
  const body = old
    ? member("worksheets", array(object({ cells: array(cell), metadata: anything }), 2))
    : member("cells", array(cell));
  return fc.tuple(
    fc.array(fc.oneof(member("metadata", metadata), otherMember), { maxLength: 3 }),
    body,
    fc.array(fc.oneof(member("metadata", metadata), otherMember), { maxLength: 3 }),
    member("nbformat", fc.constant(version)),
  ).map(([before, cells, after, format]): Node => ({
    kind: "list",
    open: "{",
    items: [...before, cells, ...after, format],
    gap: "",
  }));
});
