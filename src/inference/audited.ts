/**
 * Writes down the start of every call before it is sent, and its end: who, what, how it went. No
 * prompt, reply or credential has a field.
 *
 * @module
 */

import type { AuditEvent, AuditOutcome } from "../audit/event.ts";
import { AuditError, type HushbookError } from "../errors.ts";
import { RequestError } from "../door/request_error.ts";
import type { Call, Ending, Guard } from "./call.ts";
import { given } from "./given.ts";

/** Where records go: an `AuditLog`, or anything that does as it does. */
export interface CallLog {
  /** Writes one record; the promise is settled when it is written. */
  append(event: AuditEvent): Promise<unknown>;
}

/** What is done when a call cannot be recorded: it is not sent, or it is sent with a notice. */
export type OnAuditFailure = "block" | "warn";

/** Options of {@link audited}. */
export interface AuditedOptions {
  /** Where records go. */
  readonly recorder: CallLog;
  /** The token's fingerprint. */
  readonly fingerprint: string;
  /** The pseudonym of the person, if one was given. */
  readonly user?: string | undefined;
  /** What is done when the start cannot be written. */
  readonly onAuditFailure: OnAuditFailure;
  /** Tells the person one sentence. */
  readonly notice: (sentence: string) => void;
  /** A clock in milliseconds that only runs forward. */
  readonly clock: () => number;
}

/**
 * The fields that say what a call is about.
 *
 * @param call The call.
 * @param options Fingerprint and pseudonym.
 * @returns The fields.
 */
export function describingFields(
  call: Call,
  options: Pick<AuditedOptions, "fingerprint" | "user">,
): Partial<AuditEvent> {
  const { url, subject } = call;
  return given({
    id: call.id,
    "http.request.method": call.request.method,
    "server.address": url.hostname,
    "server.port": url.port === "" ? undefined : Number(url.port),
    "url.path": url.pathname,
    "gen_ai.operation.name": subject.operation,
    "gen_ai.provider.name": subject.provider,
    "gen_ai.request.model": subject.model,
    fingerprint: options.fingerprint,
    user: options.user,
  });
}

function outcomeOf(error: HushbookError | undefined): AuditOutcome {
  if (error === undefined) return "ok";
  if (!(error instanceof RequestError) || error.kind === "refused") return "refused";
  return error.kind === "abort" ? "aborted" : "failed";
}

function unrecorded(error: unknown): AuditError {
  const [code, why] = error instanceof AuditError
    ? [error.code, error.message]
    : ["audit-unwritable" as const, "The recorder failed"];
  return new AuditError(
    code,
    `The call was not sent, for it cannot be recorded in the audit log: ${why} (or connect with ` +
      `onAuditFailure "warn")`,
  );
}

/**
 * Records calls. When a start cannot be written the call is not sent; when an end cannot, its
 * result is kept and the next call waits for the log to work again, which writing its start shows.
 *
 * @param options Where records go and what they say about token and person.
 * @returns The guard.
 */
export function audited(options: AuditedOptions): Guard {
  const { recorder, notice, clock } = options;
  return (next) => async (call) => {
    const fields = describingFields(call, options);
    try {
      await recorder.append({ ...fields, event: "inference.start", outcome: "started" });
    } catch (error) {
      if (options.onAuditFailure === "block") throw unrecorded(error);
      notice("A call is sent although it could not be recorded in the audit log.");
    }
    call.ends.push(async ({ status, requestId, usage, error }: Ending) => {
      const answer = error instanceof RequestError ? error : undefined;
      try {
        await recorder.append(given({
          ...fields,
          event: "inference.end" as const,
          outcome: outcomeOf(error),
          "http.response.status_code": status ?? answer?.status,
          "error.type": answer?.kind ?? error?.code,
          attempts: call.attempts,
          wait_ms: Math.round(call.waitMs),
          duration_ms: Math.round(clock() - call.began),
          "gen_ai.usage.input_tokens": usage?.inputTokens,
          "gen_ai.usage.output_tokens": usage?.outputTokens,
          cost_usd: call.costUsd,
          request_id: requestId ?? answer?.requestId,
        }));
      } catch {
        notice("The end of a call could not be recorded in the audit log.");
      }
    });
    return await next(call);
  };
}
