/**
 * The guards of a connection, put around the door in one line.
 *
 * @module
 */

import type { AuditEvent } from "../audit/event.ts";
import { AuditLog } from "../audit/log.ts";
import { createDoor } from "../door/door.ts";
import { mover, readEndpoints } from "../door/endpoints.ts";
import { fetchBelow } from "../door/global_fetch.ts";
import { createOrigins } from "../door/origins.ts";
import type { Outgoing } from "../door/outgoing.ts";
import { tokenCheck } from "../door/token_check.ts";
import { notebookName } from "../kernel/notebook_name.ts";
import { createBudget } from "../limits/budget.ts";
import { Lockout } from "../token/lockout.ts";
import { audited } from "./audited.ts";
import { budgeted } from "./budgeted.ts";
import type { Call, Caller, Guard, Send } from "./call.ts";
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

/** The guards of one connection. */
export interface Guards {
  /** Makes a call of a request; refuses one that must not be sent. */
  readonly toCall: (request: Outgoing, caller: Caller) => Call;
  /** Sends a call through all guards. */
  readonly send: Send;
  /** Closes files; what waits for a slot is rejected. */
  readonly close: () => void;
}

/**
 * Finds the token, makes the guards and puts them around the door.
 *
 * @param options What the user wants of them.
 * @param placeholder The connection's placeholder.
 * @returns The guards.
 * @throws {HushbookError} If there is no token, or an option cannot be used.
 */
export async function guardsFor(options: GuardOptions, placeholder: string): Promise<Guards> {
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
