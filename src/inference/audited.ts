/**
 * Writes down the start of every call before it is sent, and its end: who, what, how it went. No
 * prompt, reply or credential has a field.
 *
 * @module
 */

import { type HushbookError, RequestError } from "../errors.ts";
import type { Call, Ending, Guard } from "./call.ts";

/** The fields of a record, with the names of OpenTelemetry's HTTP and GenAI conventions. */
export interface CallRecord {
  readonly event:
    | "inference.start"
    | "inference.end"
    | "budget.deny"
    | "limit.wait"
    | "limit.pause";
  readonly outcome: "ok" | "started" | "waiting" | "refused" | "failed" | "aborted";
  readonly [field: string]: string | number | undefined;
}

/** Where records go; the returned promise is settled when the record is written. */
export interface Recorder {
  /** Writes one record. */
  append(record: CallRecord): Promise<unknown>;
}

/** What is done when a call cannot be recorded: it is not sent, or it is sent with a notice. */
export type OnAuditFailure = "block" | "warn";

/** Options of {@link audited}. */
export interface AuditedOptions {
  /** Where records go. */
  readonly recorder: Recorder;
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
): Record<string, string | number | undefined> {
  const { url, subject } = call;
  return {
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
  };
}

function outcomeOf(error: HushbookError | undefined): CallRecord["outcome"] {
  if (error === undefined) return "ok";
  if (!(error instanceof RequestError) || error.kind === "refused") return "refused";
  return error.kind === "abort" ? "aborted" : "failed";
}

/**
 * Records calls. When a start cannot be written the call is not sent; when an end cannot, its result
 * is kept and the next call waits for the log to work again, which writing its start shows.
 *
 * @param options Where records go and what they say about token and person.
 * @returns The guard.
 */
export function audited(options: AuditedOptions): Guard {
  const { recorder, notice, clock } = options;
  return (next) => async (call) => {
    const fields = describingFields(call, options);
    try {
      await recorder.append({ event: "inference.start", outcome: "started", ...fields });
    } catch (error) {
      if (options.onAuditFailure === "block") throw error;
      notice("A call is sent although it could not be recorded in the audit log.");
    }
    call.ends.push(async ({ status, requestId, usage, error }: Ending) => {
      const answer = error instanceof RequestError ? error : undefined;
      try {
        await recorder.append({
          event: "inference.end",
          outcome: outcomeOf(error),
          ...fields,
          "http.response.status_code": status ?? answer?.status,
          "error.type": answer?.kind ?? error?.code,
          attempts: call.attempts,
          wait_ms: Math.round(call.waitMs),
          duration_ms: Math.round(clock() - call.began),
          "gen_ai.usage.input_tokens": usage?.inputTokens,
          "gen_ai.usage.output_tokens": usage?.outputTokens,
          cost_usd: call.costUsd,
          request_id: requestId ?? answer?.requestId,
        });
      } catch {
        notice("The end of a call could not be recorded in the audit log.");
      }
    });
    return await next(call);
  };
}
