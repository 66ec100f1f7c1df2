/**
 * A connection: one token behind one placeholder, and every guard around the door.
 *
 * @module
 */

import { board } from "../door/board.ts";
import { openRoute } from "../door/global_fetch.ts";
import { outgoing } from "../door/outgoing.ts";
import { nextPlaceholder } from "../door/placeholder.ts";
import { placeholderIn } from "../door/swap.ts";
import { HushbookError } from "../errors.ts";
import { RequestError } from "../door/request_error.ts";
import { defaultNotice } from "../token/load.ts";
import { answerFailure, callerOf, refuseRepetition } from "./answered.ts";
import { type Call, type Caller, endCall } from "./call.ts";
import { failed } from "./explain.ts";
import type { GuardOptions } from "./guard_options.ts";
import { guardsFor } from "./guards.ts";

/** A connection: the guarded fetch, told who is calling. */
export interface Connection {
  /** The placeholder of the connection. */
  readonly placeholder: string;
  /** Sends for a client of a known kind, or finds out which it is. */
  fetch(
    caller: Caller | undefined,
    input: RequestInfo | URL,
    init?: RequestInit,
  ): Promise<Response>;
  /** Ends the connection. */
  close(): void;
}

/**
 * Opens a connection.
 *
 * @param options Token, origins, limits, audit.
 * @returns The open connection; requests that carry its placeholder are routed through it until it
 * is closed.
 * @throws {UsageError} If an address that was named cannot be used.
 */
export async function openConnection(options: GuardOptions): Promise<Connection> {
  const placeholder = nextPlaceholder();
  const notice = options.onNotice ?? defaultNotice();
  const guards = await guardsFor({ ...options, onNotice: notice }, placeholder);
  let closed = false;

  async function connectionFetch(
    known: Caller | undefined,
    input: RequestInfo | URL,
    init?: RequestInit,
  ): Promise<Response> {
    let caller = known ?? "other";
    let call: Call | undefined;
    try {
      const request = await outgoing(input, init);
      const found = placeholderIn(request.headers)?.placeholder;
      const other = found === undefined || found === placeholder
        ? undefined
        : board().routes.get(found);
      if (other !== undefined) return await other(input, init);
      caller = known ?? callerOf(request.headers);
      if (closed) throw closedError(request.url);
      call = guards.toCall(request, caller);
      refuseRepetition(call);
      return await guards.send(call);
    } catch (thrown) {
      // What waited for a slot when the connection was closed is told that, and not how it was
      // told.
      const error = closed && !(thrown instanceof HushbookError) && call !== undefined
        ? closedError(call.url)
        : thrown;
      if (call !== undefined) {
        const known = error instanceof HushbookError ? error : failed(call, "refused");
        await endCall(call, { error: known });
      }
      // A caller that gets the server's own answer would not hear what to do about it.
      if (caller === "other" && error instanceof RequestError && adviceKinds.has(error.kind)) {
        notice(error.message);
      }
      const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
      return answerFailure(error, { caller, signal });
    }
  }

  const closeRoute = openRoute(
    placeholder,
    (input, init) => connectionFetch(undefined, input, init),
  );
  return {
    placeholder,
    fetch: connectionFetch,
    close() {
      if (closed) return;
      closed = true;
      closeRoute();
      guards.close();
    },
  };
}

/** Failures that a person can do something about, and that a program will rarely explain. */
const adviceKinds: ReadonlySet<RequestError["kind"]> = new Set(["auth", "credits"]);

function closedError({ host, pathname: path }: URL): RequestError {
  const message = `Cannot call ${host}${path}: the connection is closed; connect again`;
  return new RequestError("refused", message, { host, path });
}
