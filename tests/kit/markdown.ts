/** Reads the fenced blocks of a Markdown file, each with the marker in the comment before it. */

/** A fenced block. */
export interface Block {
  /** What stands after the opening fence, such as `sh` or `ts ignore`. */
  readonly language: string;
  /** The text of an HTML comment right before the block, if there is one. */
  readonly marker: string | undefined;
  /** Its text. */
  readonly text: string;
  /** The line of its opening fence, counted from 1. */
  readonly line: number;
}

/** All blocks of a text, in order. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const fenced = /(?:^<!--\s*(.*?)\s*-->\n\n?)?^```([^\n]*)\n([\s\S]*?)^```$/gm;
  for (const match of markdown.matchAll(fenced)) {
    const [whole, marker, language = "", text = ""] = match;
    const before = markdown.slice(0, match.index + whole.indexOf("```"));
    blocks.push({ language, marker, text, line: before.split("\n").length });
  }
  return blocks;
}
