/**
 * Where a kernel listens and the key that signs its messages, in the form of Jupyter's connection
 * file (https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files).
 *
 * @module
 */

/** The contents of a connection file. */
export interface Connection {
  /** Always `"tcp"`: the Deno kernel knows no other transport. */
  readonly transport: "tcp";
  /** Always the loopback address. */
  readonly ip: string;
  /** Port of the channel that takes execute requests. */
  readonly shell_port: number;
  /** Port of the channel that publishes outputs and status. */
  readonly iopub_port: number;
  /** Port of the channel that asks for input. */
  readonly stdin_port: number;
  /** Port of the channel that takes interrupt and shutdown requests. */
  readonly control_port: number;
  /** Port of the heartbeat, unused here: the process itself is watched. */
  readonly hb_port: number;
  /** The HMAC key, 256 random bits as hex. */
  readonly key: string;
  /** Always `"hmac-sha256"`. */
  readonly signature_scheme: "hmac-sha256";
  /** The kernelspec's name. */
  readonly kernel_name: string;
}

/**
 * `count` free loopback ports, found by listening on port 0. Another process may take one later.
 */
function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  return listeners.map((listener) => {
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    return port;
  });
}

/**
 * A connection on five free loopback ports with a fresh key. Needs `--allow-net`.
 *
 * @returns The connection, not yet written anywhere.
 */
export function createConnection(): Connection {
  const [shell, iopub, stdin, control, heartbeat] = freePorts(5);
  const key = crypto.getRandomValues(new Uint8Array(32)).toHex();
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port: shell!,
    iopub_port: iopub!,
    stdin_port: stdin!,
    control_port: control!,
    hb_port: heartbeat!,
    key,
    signature_scheme: "hmac-sha256",
    kernel_name: "deno",
  };
}
