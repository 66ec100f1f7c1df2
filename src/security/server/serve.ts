/**
 * The status page's server, on this machine's loopback only.
 *
 * @module
 */

import { AuditLog } from "../../audit/log.ts";
import { UsageError } from "../../errors.ts";
import { stateFolder } from "../../state/folder.ts";
import type { SecurityStatusOptions } from "../status.ts";

/** How to serve. */
export interface SecurityServerOptions extends SecurityStatusOptions {
  /** The port. Default 0: a free one, at random. */
  readonly port?: number;
}

/** A running server. */
export interface SecurityServer extends AsyncDisposable {
  /**
   * The one-time link that opens the page. Its key is in the fragment, which browsers do not send
   * or log.
   */
  readonly link: string;
  /** The port. */
  readonly port: number;
  /** Fulfilled when it has ended. */
  readonly finished: Promise<void>;
  /** Ends it; sessions end with it. */
  close(): Promise<void>;
}

/**
 * Serves the status page and its endpoints on 127.0.0.1. The link opens it once; the session then
 * lasts 8 hours.
 *
 * Needs `--allow-net=127.0.0.1` and what `securityStatus` needs.
 *
 * @param options Port and folders.
 * @returns The running server.
 * @throws {UsageError} If the port is taken, or this user may not use it.
 *
 * @example
 * ```ts ignore
 * import { serveSecurity } from "hushbook";
 *
 * await using server = await serveSecurity();
 * console.log(`Open ${server.link}`);
 * await server.finished;
 * ```
 */
export async function serveSecurity(options: SecurityServerOptions = {}): Promise<SecurityServer> {
  const { port = 0, now = Date.now } = options;
  const folder = options.folder ?? stateFolder(options);
  const { securityApp } = await import("./app.ts"); // hono is loaded only here
  const { Guard } = await import("./guard.ts");
  const { Sessions } = await import("./sessions.ts");
  const log = new AuditLog({ folder, now });
  const sessions = new Sessions(now);
  let handle: (request: Request) => Response | Promise<Response> = () =>
    new Response(null, { status: 503 });
  const server = listen(port, (request) => handle(request));
  const at = server.addr.port;
  const app = securityApp({
    status: { ...options, folder, now },
    log,
    sessions,
    guard: new Guard(at, now),
    cookie: `hushbook-${at}`,
  });
  handle = (request) => app.fetch(request);
  // A log that cannot be written is what the page is to show: it opens all the same.
  await log.append({ event: "security.open", outcome: "ok" }).catch(() => {});
  const close = async () => {
    await server.shutdown();
    log[Symbol.dispose]();
  };
  return {
    link: `http://127.0.0.1:${at}/#k=${sessions.key}`,
    port: at,
    finished: server.finished,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listen(
  port: number,
  handler: (request: Request) => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, handler);
  } catch (error) {
    const why = error instanceof Deno.errors.AddrInUse
      ? "another program has it (perhaps another status page)"
      : error instanceof Deno.errors.NotCapable
      ? "Deno may not; add --allow-net=127.0.0.1"
      : "the system does not allow it";
    throw new UsageError(
      `Cannot serve the status page on port ${port}: ${why}. Name another one, or none for a free one`,
    );
  }
}
