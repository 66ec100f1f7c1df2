/**
 * Text for a terminal: columns that line up, and nothing that steers the terminal.
 *
 * @module
 */

/**
 * Makes a text harmless to print: control characters, which could move the cursor, hide what stands
 * there or forge a line, are shown as `\u001b`; so are characters that turn the reading direction.
 *
 * @param text Any text, such as a line of a file somebody tampered with.
 * @returns Text that prints as what it is.
 *
 * @example
 * ```ts ignore
 * printable("a\u001b[2Jb"); // "a\\u001b[2Jb"
 * ```
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Lays rows out in columns, two spaces apart. The last column is not padded.
 *
 * @param rows Cells of each row; they are made printable.
 * @param style Colours a padded cell. Default: no colour.
 * @returns One line a row, each with its line end; empty for no rows.
 */
export function table(
  rows: readonly (readonly string[])[],
  style: (cell: string, row: number, column: number) => string = (cell) => cell,
): string {
  const safe = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of safe) {
    for (const [column, cell] of row.slice(0, -1).entries()) {
      widths[column] = Math.max(widths[column] ?? 0, [...cell].length);
    }
  }
  return safe.map((row, index) => {
    const cells = row.map((cell, column) => {
      const padding = column === row.length - 1
        ? ""
        : " ".repeat(widths[column]! - [...cell].length);
      return style(cell, index, column) + padding;
    });
    return `${cells.join("  ").trimEnd()}\n`;
  }).join("");
}
