import { decodeScalar, isArray, readArray } from "./json.ts";
import type { JsonSource } from "./json_skip.ts";
import type { CellSpan } from "./outline.ts";

/**
 * Whether a cell has no source, or a source of white space only.
 *
 * @param source The file.
 * @param cell The cell; nbformat 3 calls a code cell's source `input`.
 * @returns True when nothing would be lost with it but its outputs and attachments.
 */
export function isEmptyCell(source: JsonSource, cell: CellSpan): boolean {
  const { bytes } = source;
  return cell.members.every(({ key, value, end }) => {
    if (key !== "source" && key !== "input") return true;
    const parts = isArray(bytes, value)
      ? readArray(source, value).elements
      : [{ start: value, end }];
    return parts.every(({ start, end }) =>
      bytes[start] === 34 && (decodeScalar(bytes, start, end) as string).trim() === ""
    );
  });
}
