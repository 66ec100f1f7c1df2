/**
 * Searching content too large to be held whole: in overlapping pieces.
 *
 * @module
 */

/** From this size on, in bytes, content is searched in pieces. */
export const LARGE = 64 * 1024 * 1024;

/** Length of a piece in bytes: above the size from which a text gets the raw shape search only. */
const PIECE = 16 * 1024 * 1024;

/** How much of a piece is searched again with the next, in bytes: longer than any token. */
const OVERLAP = 64 * 1024;

/** The least that is known about something found, so that its place can be corrected. */
interface Placed {
  readonly line: number;
  readonly fileLine: number;
  readonly fingerprint: string;
}

/**
 * Searches a stream. Memory stays at a few pieces, whatever comes.
 *
 * @param stream The content; each chunk may be reused after the next is asked for.
 * @param search Searches one piece.
 * @returns What was found, with lines counted from the start of the stream.
 */
export async function searchPieces<Found extends Placed>(
  stream: AsyncIterable<Uint8Array>,
  search: (piece: Uint8Array<ArrayBuffer>) => readonly Found[],
): Promise<Found[]> {
  const all: Found[] = [];
  const buffer = new Uint8Array(PIECE);
  let filled = 0;
  let linesBefore = 0;
  let seen = new Set<string>();
  const flush = (keep: number) => {
    const now = new Set<string>();
    for (const found of search(buffer.slice(0, filled))) {
      const fileLine = found.fileLine + linesBefore;
      const key = `${fileLine} ${found.fingerprint}`;
      now.add(key);
      if (!seen.has(key)) all.push({ ...found, line: found.line + linesBefore, fileLine });
    }
    seen = now;
    const cut = filled - keep;
    for (let at = 0; at < cut; at++) if (buffer[at] === 0x0a) linesBefore++;
    buffer.copyWithin(0, cut, filled);
    filled = keep;
  };
  for await (const chunk of stream) {
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + PIECE - filled);
      buffer.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled === PIECE) flush(OVERLAP);
    }
  }
  flush(0);
  return all;
}
