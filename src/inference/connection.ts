/**
 * A connection: one token behind one placeholder, and every guard around the door.
 *
 * @module
 */

import type { AuditEvent } from "../audit/event.ts";
import { AuditLog } from "../audit/log.ts";
import { board } from "../door/board.ts";
import { createDoor } from "../door/door.ts";
import { mover, readEndpoints } from "../door/endpoints.ts";
import { fetchBelow, openRoute } from "../door/global_fetch.ts";
import { createOrigins } from "../door/origins.ts";
import { outgoing } from "../door/outgoing.ts";
import { nextPlaceholder } from "../door/placeholder.ts";
import { placeholderIn } from "../door/swap.ts";
import { tokenCheck } from "../door/token_check.ts";
import { HushbookError, RequestError } from "../errors.ts";
import { Secret } from "../secret/secret.ts";
import { answerFailure, callerOf, refuseRepetition } from "./answered.ts";
import { audited } from "./audited.ts";
import { type Caller, endCall, type Send } from "./call.ts";
import { classified } from "./classified.ts";
import { gatesFor } from "./gates.ts";
import { given } from "./given.ts";
import type { GuardOptions } from "./guard_options.ts";
import { toCall } from "./incoming.ts";
import { limited } from "./limited.ts";
import { retried } from "./retried.ts";
import { Lockout } from "../token/lockout.ts";
import { lockedOut } from "./locked_out.ts";
import { sleep as timer } from "./waiting.ts";
import { watched } from "./watched.ts";

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
 * @returns The open connection; requests that carry its placeholder are routed through it until it is
 * closed.
 * @throws {UsageError} If an address that was named cannot be used.
 */
export function openConnection(options: GuardOptions & { token: string | Secret }): Connection {
  const {
    retry = {},
    onAuditFailure = "block",
    onWait = () => {},
    onNotice: notice = () => {},
    fetch: send = fetchBelow(),
    now = Date.now,
    clock = () => performance.now(),
    sleep = timer,
    random = Math.random,
    env = (name) => Deno.env.get(name),
  } = options;
  const secret = typeof options.token === "string" ? new Secret(options.token) : options.token;
  // Revealed once, for each time is recorded, and kept where nothing can print it: in this closure.
  const value = secret.reveal();
  const token = () => value;
  const endpoints = readEndpoints(env);
  const origins = createOrigins({
    hubs: { HF_ENDPOINT: endpoints.hub, HF_INFERENCE_ENDPOINT: endpoints.router },
    endpointUrl: options.endpointUrl,
    allowedHosts: options.allowedHosts,
  });
  const placeholder = nextPlaceholder();
  const door = createDoor({
    placeholder,
    token,
    origins,
    move: mover(endpoints),
    looksLikeToken: tokenCheck(token),
    fetch: send,
  });
  const routers = new Set(["https://router.huggingface.co"]);
  if (endpoints.router !== undefined) routers.add(new URL(endpoints.router).origin);
  const gates = gatesFor(
    secret.fingerprint,
    given({
      folder: options.folder,
      onNotice: options.onNotice,
      ...options.limit,
    }),
  );
  const state = given({
    folder: options.folder,
    env: options.env,
    now: options.now,
    onNotice: options.onNotice,
  });
  const log = options.audit === undefined ? new AuditLog(state) : undefined;
  const recorder = log ?? (options.audit || { append: () => Promise.resolve() });
  /** Records what explains a delay; the call itself does not depend on it. */
  function note(record: AuditEvent): void {
    recorder.append(record).catch(() => notice("A wait could not be recorded in the audit log."));
  }

  const throughDoor: Send = async (call) => {
    call.attempts += 1;
    call.unsent = false;
    const { response, from } = await door.send(call.request);
    call.answeredBy = from;
    return response;
  };
  const lock = lockedOut({
    lockout: options.lockout ?? new Lockout(state),
    fingerprint: secret.fingerprint,
    isHub: origins.isHub,
    notice,
    clock,
  });
  const audit = audited({
    recorder,
    fingerprint: secret.fingerprint,
    user: options.user,
    onAuditFailure,
    notice,
    clock,
  });
  const repeat = retried({
    retry,
    clock,
    sleep,
    random,
    onWait,
    async pause(call, ms) {
      await gates.of(call).pause(ms);
      note({ event: "limit.pause", outcome: "ok", id: call.id, wait_ms: ms });
    },
  });
  const limit = limited({
    gate: gates.of,
    clock,
    priority: options.priority ?? 0,
    maxServerWaitMs: retry.maxServerWaitMs ?? 60_000,
    onWait,
    onWaited: (call, ms) =>
      note({ event: "limit.wait", outcome: "ok", id: call.id, wait_ms: Math.round(ms) }),
  });
  const classify = classified({ token: `the token (${secret.fingerprint})`, now });

  // Inward: lockout, audit start, limit, door. Outward: classify, audit end, lockout.
  const guarded = lock(audit(watched()(repeat(limit(classify(throughDoor))))));

  let closed = false;
  async function connectionFetch(
    caller: Caller | undefined,
    input: RequestInfo | URL,
    init?: RequestInit,
  ): Promise<Response> {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    let call;
    try {
      const request = await outgoing(input, init);
      const found = placeholderIn(request.headers)?.placeholder;
      const other = found === undefined || found === placeholder
        ? undefined
        : board().routes.get(found);
      if (other !== undefined) return await other(input, init);
      caller ??= callerOf(request.headers);
      if (closed) {
        throw new RequestError(
          "refused",
          `Cannot call ${request.url.host}: the connection is closed; connect again`,
          { host: request.url.host, path: "" },
        );
      }
      const url = door.check(request);
      const isRouter = (address: URL) => routers.has(address.origin);
      call = toCall(request, { url, caller, isRouter, wantsUsage: false, clock });
      refuseRepetition(call);
      return await guarded(call);
    } catch (error) {
      if (call !== undefined) {
        await endCall(call, { error: error instanceof HushbookError ? error : undefined });
      }
      return answerFailure(error, { caller: caller ?? "other", signal: signal ?? undefined });
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
      gates.close();
      log?.close();
    },
  };
}
