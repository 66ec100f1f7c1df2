/**
 * Escaping, for HTML and for Markdown: what a model or a server wrote never becomes markup.
 *
 * @module
 */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Escapes text for HTML, in content and in quoted attributes.
 *
 * @param text Any text.
 * @returns The text without markup.
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A line that opens or closes a fenced code block (CommonMark, 4.5). */
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/**
 * Escapes raw HTML in Markdown and leaves Markdown itself alone. Code, in fences and in backticks,
 * is shown as it is: no renderer takes markup there.
 *
 * @param text Markdown, perhaps cut at any place, as a stream leaves it.
 * @returns Markdown without HTML.
 */
export function escapeMarkdown(text: string): string {
  let fence: string | undefined;
  let paragraph: string[] = [];
  const result: string[] = [];
  const flush = () => {
    if (paragraph.length > 0) result.push(escapeInline(paragraph.join("\n")));
    paragraph = [];
  };
  for (const line of text.split("\n")) {
    const match = FENCE.exec(line);
    if (
      fence === undefined && match !== null && !(match[1]![0] === "`" && match[2]!.includes("`"))
    ) {
      flush();
      fence = match[1]!;
      result.push(line.slice(0, match[0].length - match[2]!.length) + escapeTags(match[2]!));
    } else if (fence !== undefined) {
      result.push(line);
      const closes = match !== null && match[1]!.startsWith(fence) && match[2]!.trim() === "";
      if (closes) fence = undefined;
    } else if (line.trim() === "") {
      // A code span does not reach over a blank line.
      flush();
      result.push(line);
    } else paragraph.push(line);
  }
  flush();
  return result.join("\n");
}

/** Text outside backticks is escaped; a run of backticks that is never closed is ordinary text. */
function escapeInline(text: string): string {
  let result = "";
  let at = 0;
  for (const open of text.matchAll(/`+/g)) {
    if (open.index < at) continue;
    const close = closing(text, open.index + open[0].length, open[0].length);
    if (close < 0) continue;
    result += escapeTags(text.slice(at, open.index)) + text.slice(open.index, close);
    at = close;
  }
  return result + escapeTags(text.slice(at));
}

function closing(text: string, from: number, length: number): number {
  for (const run of text.slice(from).matchAll(/`+/g)) {
    if (run[0].length === length) return from + run.index + length;
  }
  return -1;
}

/** A `<` that could begin a tag, a comment or an autolink. Comparisons (`a < b`) stay. */
function escapeTags(text: string): string {
  return text.replace(/<(?=[A-Za-z/!?])/g, "&lt;");
}
