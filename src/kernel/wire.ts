/**
 * The four sockets to a kernel.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import { ZmtpSocket } from "./zmtp.ts";

/** A socket of the kernel. */
export type Channel = "shell" | "control" | "stdin" | "iopub";

/** The open sockets to one kernel. */
export class Wire {
  readonly #sockets: Readonly<Record<Channel, ZmtpSocket>>;
  #readers: readonly Promise<void>[] = [];

  private constructor(sockets: Record<Channel, ZmtpSocket>) {
    this.#sockets = sockets;
  }

  /**
   * Connects all sockets, waiting until the kernel listens. Needs `--allow-net`.
   *
   * @param connection Where the kernel listens, or will.
   * @param signal Gives up.
   * @returns The wire.
   * @throws {unknown} The signal's reason when it was aborted.
   */
  static async open(
    connection: Connection,
    signal: AbortSignal,
  ): Promise<Wire> {
    const open: ZmtpSocket[] = [];
    const connect = async (port: number, type: "DEALER" | "SUB") => {
      const socket = await ZmtpSocket.connect({ hostname: connection.ip, port }, type, signal);
      open.push(socket);
      return socket;
    };
    try {
      // One after the other: the kernel opens them all at once, so only the first one waits.
      const iopub = await connect(connection.iopub_port, "SUB");
      const shell = await connect(connection.shell_port, "DEALER");
      const control = await connect(connection.control_port, "DEALER");
      const stdin = await connect(connection.stdin_port, "DEALER");
      return new Wire({ shell, control, stdin, iopub });
    } catch (error) {
      for (const socket of open) socket.close();
      throw error;
    }
  }

  /**
   * Begins to read; what arrived before is kept until then.
   *
   * @param receive Called with the frames of each message that arrives.
   */
  listen(receive: (channel: Channel, frames: Uint8Array[]) => void): void {
    this.#readers = Object.entries(this.#sockets).map(async ([channel, socket]) => {
      for await (const frames of socket) receive(channel as Channel, frames);
    });
  }

  /**
   * Sends a message, after those sent before it on the same channel.
   *
   * @param channel The channel.
   * @param frames The message's frames.
   */
  send(channel: Exclude<Channel, "iopub">, frames: Uint8Array[]): Promise<void> {
    return this.#sockets[channel].send(frames);
  }

  /** Closes the sockets and waits until nothing reads them any more. */
  async close(): Promise<void> {
    for (const socket of Object.values(this.#sockets)) socket.close();
    await Promise.all(this.#readers);
  }
}
