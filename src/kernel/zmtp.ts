/**
 * A client of ZeroMQ's wire protocol, ZMTP 3.0 with the NULL mechanism
 * (https://rfc.zeromq.org/spec/23/): all that a Deno kernel speaks. Written here because of how
 * npm:zeromq 6.8 behaves on Deno 2.9.6. It holds received messages back until the next send: of 30
 * cells that printed 20 lines each, 3 lacked a line or their reply 1.5 s after they had ended. And
 * it ends the process with a segmentation fault (exit code 139) when an uncaught error meets an
 * open socket. This needs neither native code nor `--allow-ffi`.
 *
 * @module
 */

/** The kinds of socket a Jupyter client has. */
export type SocketType = "DEALER" | "SUB";

const MORE = 0x01;
const LONG = 0x02;
const COMMAND = 0x04;
/** How often a connection is tried again while nobody listens yet, in milliseconds. */
const RETRY_MS = 10;

const encoder = new TextEncoder();

/** Signature, version 3.0, mechanism NULL, client (RFC 23, "Greeting"). */
function greeting(): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.set(encoder.encode("NULL"), 12);
  return bytes;
}

/** The frame that ends the handshake: a READY command with the socket's type. */
function ready(type: SocketType): Uint8Array {
  const sized = (text: string) => [text.length, ...encoder.encode(text)];
  const body = [...sized("READY"), ...sized("Socket-Type"), 0, 0, 0, ...sized(type)];
  return frame(Uint8Array.from(body), COMMAND);
}

function frame(body: Uint8Array, flags: number): Uint8Array {
  const long = body.length > 255;
  const head = long ? 9 : 2;
  const bytes = new Uint8Array(head + body.length);
  bytes[0] = long ? flags | LONG : flags;
  if (long) new DataView(bytes.buffer).setBigUint64(1, BigInt(body.length));
  else bytes[1] = body.length;
  bytes.set(body, head);
  return bytes;
}

/** One connection. Messages are lists of frames. */
export class ZmtpSocket {
  readonly #connection: Deno.TcpConn;
  #chunk: Uint8Array = new Uint8Array(0);
  #sending: Promise<void> = Promise.resolve();

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /**
   * Connects, waiting until somebody listens, and greets. Needs `--allow-net`.
   *
   * @param address Where to connect.
   * @param type What kind of socket this is; a `SUB` subscribes to everything.
   * @param signal Gives up.
   * @returns The socket.
   * @throws {unknown} The signal's reason when it was aborted, `TypeError` when the other side is
   * no
   *   ZMTP 3 peer.
   */
  static async connect(
    address: { readonly hostname: string; readonly port: number },
    type: SocketType,
    signal: AbortSignal,
  ): Promise<ZmtpSocket> {
    const socket = new ZmtpSocket(await dial(address, signal));
    const abort = () => socket.close();
    signal.addEventListener("abort", abort, { once: true });
    try {
      await socket.#write([greeting()]);
      const theirs = await socket.#read(64);
      if (theirs[0] !== 0xff || theirs[9] !== 0x7f || theirs[10]! < 3) {
        throw new TypeError("Cannot connect: the other side does not speak ZMTP 3");
      }
      await socket.#write([ready(type)]);
      await socket.#readFrame();
      if (type === "SUB") await socket.#write([frame(Uint8Array.of(1), 0)]);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /**
   * Sends a message, after those sent before it.
   *
   * @param frames Its frames.
   */
  send(frames: readonly Uint8Array[]): Promise<void> {
    const bytes = frames.map((body, i) => frame(body, i < frames.length - 1 ? MORE : 0));
    const sent = this.#sending.then(() => this.#write(bytes));
    this.#sending = sent.catch(() => {});
    return sent;
  }

  /** The messages that arrive, until either side closes. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array[]> {
    let message: Uint8Array[] = [];
    while (true) {
      let next: { body: Uint8Array; flags: number };
      try {
        next = await this.#readFrame();
      } catch {
        return;
      }
      if (next.flags & COMMAND) continue;
      message.push(next.body);
      if (next.flags & MORE) continue;
      yield message;
      message = [];
    }
  }

  /** Closes the connection. */
  close(): void {
    try {
      this.#connection.close();
    } catch { /* it was closed already */ }
  }

  async #readFrame(): Promise<{ body: Uint8Array; flags: number }> {
    const flags = (await this.#read(1))[0]!;
    const length = flags & LONG
      ? Number(new DataView((await this.#read(8)).buffer).getBigUint64(0))
      : (await this.#read(1))[0]!;
    return { body: await this.#read(length), flags };
  }

  /** The next `length` bytes, in a buffer of their own. */
  async #read(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      if (this.#chunk.length === 0) {
        const buffer = new Uint8Array(Math.max(16_384, Math.min(length - done, 1 << 20)));
        const read = await this.#connection.read(buffer);
        if (read === null) throw new Deno.errors.UnexpectedEof("The connection was closed");
        this.#chunk = buffer.subarray(0, read);
      }
      const piece = this.#chunk.subarray(0, length - done);
      bytes.set(piece, done);
      done += piece.length;
      this.#chunk = this.#chunk.subarray(piece.length);
    }
    return bytes;
  }

  /** One write for a whole message: small ones in a row would wait for each other's receipt. */
  async #write(parts: readonly Uint8Array[]): Promise<void> {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    for (let done = 0; done < bytes.length;) {
      done += await this.#connection.write(bytes.subarray(done));
    }
  }
}

async function dial(
  address: { readonly hostname: string; readonly port: number },
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  while (true) {
    signal.throwIfAborted();
    try {
      const connection = await Deno.connect(address);
      // A loopback connection to a port nobody listens on can, rarely, meet itself.
      if (connection.localAddr.port !== address.port) {
        connection.setNoDelay(true);
        return connection;
      }
      connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
