import { endInRoom, roomForFile } from "../../src/notebook/skip.ts";

/**
 * The same bytes in the memory of the WebAssembly modules, after what an earlier file left there. They
 * are valid until the next call.
 */
export function inRoom(bytes: Uint8Array): Uint8Array {
  const room = roomForFile(bytes.length + 64);
  room.fill(0x22, 0, bytes.length + 64);
  room.set(bytes);
  const file = room.subarray(0, bytes.length);
  endInRoom(file);
  return file;
}
