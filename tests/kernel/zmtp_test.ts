import assert from "node:assert/strict";
import { ZmtpSocket } from "../../src/kernel/zmtp.ts";

const greeting = new Uint8Array(64);
greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0, ...new TextEncoder().encode("NULL")]);

/** Answers one connection with bytes, in pieces of `size`, and returns all it was sent. */
function peer(bytes: Uint8Array, size: number) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const received = (async () => {
    const connection = await listener.accept();
    for (let at = 0; at < bytes.length; at += size) {
      await connection.write(bytes.subarray(at, at + size));
    }
    const all: number[] = [];
    const buffer = new Uint8Array(4096);
    for (let n; (n = await connection.read(buffer).catch(() => null)) !== null;) {
      all.push(...buffer.subarray(0, n));
    }
    connection.close();
    listener.close();
    return Uint8Array.from(all);
  })();
  const address = listener.addr as Deno.NetAddr;
  return { address: { hostname: address.hostname, port: address.port }, received };
}

const ready = [4, 6, 5, ...new TextEncoder().encode("READY")];

Deno.test("ZmtpSocket reads short, long and many-framed messages however they are cut", async () => {
  const long = new Uint8Array(3_000).fill(7);
  const bytes = Uint8Array.from([
    ...greeting,
    ...ready,
    ...[1, 2, 10, 11, 0, 0], // two frames, the second empty
    ...[2, 0, 0, 0, 0, 0, 0, 0x0b, 0xb8, ...long], // one long frame
    ...[4, 1, 0], // a command between messages is skipped
    ...[0, 1, 9],
  ]);
  for (const size of [bytes.length, 97, 1]) {
    const { address, received } = peer(bytes, size);
    const socket = await ZmtpSocket.connect(address, "SUB", new AbortController().signal);
    const messages: Uint8Array[][] = [];
    for await (const message of socket) {
      messages.push(message);
      if (messages.length === 3) break;
    }
    socket.close();
    assert.deepEqual(messages, [
      [Uint8Array.of(10, 11), new Uint8Array(0)],
      [long],
      [Uint8Array.of(9)],
    ]);
    const sent = await received;
    assert.deepEqual(sent.subarray(0, 64), greeting);
    assert.deepEqual(sent.subarray(-3), Uint8Array.of(0, 1, 1)); // subscribes to everything
  }
});

Deno.test("ZmtpSocket gives up when aborted, and refuses what is not ZMTP 3", async () => {
  const { address, received } = peer(new Uint8Array(64), 64);
  await assert.rejects(
    ZmtpSocket.connect(address, "DEALER", new AbortController().signal),
    { name: "TypeError", message: /does not speak ZMTP 3/ },
  );
  await received;
  await assert.rejects(
    ZmtpSocket.connect(address, "DEALER", AbortSignal.timeout(40)), // nobody listens any more
    { name: "TimeoutError" },
  );
});
