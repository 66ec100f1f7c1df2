/** The pkt-line reader, against one that has all bytes before it starts. */

import assert from "node:assert/strict";
import { GitError } from "../../src/errors.ts";
import { ContentFramer, linePackets, PacketReader } from "../../src/git/pkt_line.ts";
import { Choices } from "../kit/planted/notebook.ts";
import { damage } from "./mutate.ts";

/** Packets up to the flush, and how many bytes that took; null where the stream is broken. */
function plain(bytes: Uint8Array): { packets: Uint8Array[]; used: number } | null {
  const packets: Uint8Array[] = [];
  for (let at = 0;;) {
    const digits = String.fromCharCode(...bytes.subarray(at, at + 4));
    if (!/^[0-9a-f]{4}$/i.test(digits)) return null;
    const length = parseInt(digits, 16);
    if (length === 0) return { packets, used: at + 4 };
    if (length < 4 || at + length > bytes.length) return null;
    packets.push(bytes.subarray(at + 4, at + length));
    at += length;
  }
}

/** A reader over bytes that arrive in pieces. */
function readerOf(bytes: Uint8Array, choices: Choices): PacketReader {
  let at = 0;
  return new PacketReader((into) => {
    if (at === bytes.length) return null;
    const piece = bytes.subarray(at, at + Math.min(1 + choices.below(90), into.length));
    into.set(piece);
    at += piece.length;
    return piece.length;
  });
}

/** What either reads, the other reads; what is broken is broken for both. */
export function pktLine(seed: number): void {
  const choices = new Choices(seed);
  const none = new Uint8Array();
  const content = choices.bytes(choices.below(3_000));
  const framed = choices.below(2) === 0
    ? new ContentFramer().frame(none, content, none)
    : linePackets(["command=clean", `pathname=${choices.text(20, "aü/. ")}`]);
  const bytes = damage(
    choices,
    framed,
    ["0000", "0004", "0005a", "0003", "ffff", "fff0"],
    choices.below(4),
  );
  const expected = plain(bytes);
  let found: Uint8Array | null;
  try {
    found = readerOf(bytes, choices).content();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    found = null;
  }
  const joined = expected &&
    Uint8Array.from(expected.packets.flatMap((packet) => Array.from(packet)));
  assert.deepEqual(found && Array.from(found), joined && Array.from(joined));
  try {
    const read = readerOf(bytes, choices).lines();
    if (read === undefined) assert.equal(bytes.length, 0);
    else assert.equal(read.length, expected!.packets.length);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    assert.equal(expected, null);
  }
}
