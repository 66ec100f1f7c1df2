/**
 * A connection: one token behind one placeholder, and every guard around the door.
 *
 * @module
 */

import type { AuditEvent } from "../audit/event.ts";
import { AuditLog } from "../audit/log.ts";
import { notebookName } from "../kernel/notebook_name.ts";
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
import { createBudget } from "../limits/budget.ts";
import { defaultNotice, type LoadedToken } from "../token/load.ts";
import { Lockout } from "../token/lockout.ts";
import { answerFailure, callerOf, refuseRepetition } from "./answered.ts";
import { audited } from "./audited.ts";
import { budgeted } from "./budgeted.ts";
import { type Call, type Caller, endCall, type Guard, type Send } from "./call.ts";
import { classified } from "./classified.ts";
import { gatesFor } from "./gates.ts";
import { given } from "./given.ts";
import type { GuardOptions } from "./guard_options.ts";
import { toCall } from "./incoming.ts";
import { limited } from "./limited.ts";
import { lockedOut } from "./locked_out.ts";
import { retried } from "./retried.ts";
import { loadFor, tokenWords } from "./token_for.ts";
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

/** What is open for a connection, and closed with it. */
interface Parts {
  readonly loaded: LoadedToken;
  readonly recorder: { append(event: AuditEvent): Promise<unknown> };
  readonly send: Send;
  readonly toCall: (
    request: Awaited<ReturnType<typeof outgoing>>,
    caller: Caller,
  ) => Call;
  readonly close: () => void;
}

/**
 * Opens a connection.
 *
 * @param options Token, origins, limits, audit.
 * @returns The open connection; requests that carry its placeholder are routed through it until it is
 * closed.
 * @throws {UsageError} If an address that was named cannot be used.
 */
export async function openConnection(options: GuardOptions): Promise<Connection> {
  const placeholder = nextPlaceholder();
  const notice = options.onNotice ?? defaultNotice();
  const parts = await assemble({ ...options, onNotice: notice }, placeholder);
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
      call = parts.toCall(request, caller);
      refuseRepetition(call);
      return await parts.send(call);
    } catch (error) {
      if (call !== undefined) {
        await endCall(call, { error: error instanceof HushbookError ? error : undefined });
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
      parts.close();
    },
  };
}

/** Failures that a person can do something about, and that a program will rarely explain. */
const adviceKinds: ReadonlySet<RequestError["kind"]> = new Set(["auth", "credits"]);

function closedError({ host, pathname: path }: URL): RequestError {
  const message = `Cannot call ${host}${path}: the connection is closed; connect again`;
  return new RequestError("refused", message, { host, path });
}

/** Makes the guards and puts them around the door. */
async function assemble(options: GuardOptions, placeholder: string): Promise<Parts> {
  const {
    retry = {},
    onAuditFailure = "block",
    onWait = () => {},
    onNotice: notice = () => {},
    fetch: plainFetch = fetchBelow(),
    now = Date.now,
    clock = () => performance.now(),
    sleep = timer,
    random = Math.random,
    env = (name) => Deno.env.get(name),
  } = options;
  const endpoints = readEndpoints(env);
  const origins = createOrigins({
    hubs: { HF_ENDPOINT: endpoints.hub, HF_INFERENCE_ENDPOINT: endpoints.router },
    endpointUrl: options.endpointUrl,
    allowedHosts: options.allowedHosts,
  });
  const { folder } = options;
  const state = given({ folder, env: options.env, now: options.now, onNotice: options.onNotice });
  const about = given({ notebook: notebookName(env) });
  const log = options.audit === undefined ? new AuditLog({ ...state, about }) : undefined;
  const recorder = log ?? (options.audit || { append: () => Promise.resolve() });
  const loaded = await loadFor(options, recorder);
  const { fingerprint } = loaded;
  // Revealed once, for each time is recorded, and kept where nothing can print it: in this closure.
  const value = loaded.secret.reveal();
  const door = createDoor({
    placeholder,
    token: () => value,
    origins,
    move: mover(endpoints),
    looksLikeToken: tokenCheck(() => value),
    fetch: plainFetch,
  });
  const gates = gatesFor(
    fingerprint,
    given({ folder, onNotice: options.onNotice, ...options.limit }),
  );
  /** Records what explains a delay; the call itself does not depend on it. */
  function note(record: AuditEvent): void {
    recorder.append(record).catch(() => notice("A wait could not be recorded in the audit log."));
  }

  const lock = lockedOut({
    lockout: options.lockout ?? new Lockout({ ...state, audit: recorder }),
    fingerprint,
    isHub: origins.isHub,
    notice,
    clock,
  });
  const spend: Guard = options.budget === undefined ? (next) => next : budgeted({
    budget: createBudget({
      ...given({ folder, now: options.now, onNotice: options.onNotice }),
      key: { fingerprint },
      ...options.budget,
    }),
    fingerprint,
    note,
  });
  const { user } = options;
  const audit = audited({ recorder, fingerprint, user, onAuditFailure, notice, clock });
  const watch = watched();
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
    sleep,
    priority: options.priority ?? 0,
    maxServerWaitMs: retry.maxServerWaitMs ?? 60_000,
    onWait,
    onWaited: (call, ms) =>
      note({ event: "limit.wait", outcome: "ok", id: call.id, wait_ms: Math.round(ms) }),
  });
  const classify = classified({ token: tokenWords(loaded), now });
  const throughDoor: Send = async (call) => {
    call.attempts += 1;
    call.unsent = false;
    const { response, from } = await door.send(call.request);
    call.answeredBy = from;
    return response;
  };
  // Inward: lockout, budget, audit start, limit, door. Outward: classify, settle, audit end.
  const send = lock(spend(audit(watch(repeat(limit(classify(throughDoor)))))));

  const routers = new Set(["https://router.huggingface.co"]);
  if (endpoints.router !== undefined) routers.add(new URL(endpoints.router).origin);
  const isRouter = (address: URL) => routers.has(address.origin);
  return {
    loaded,
    recorder,
    send,
    toCall(request, caller) {
      const url = door.check(request);
      return toCall(request, {
        url,
        caller,
        isRouter,
        wantsUsage: options.budget !== undefined,
        clock,
      });
    },
    close() {
      gates.close();
      log?.close();
    },
  };
}
