/**
 * Reserves what a call may use at most before it is sent, and puts its real use in place of that
 * when it has ended.
 *
 * @module
 */

import type { AuditEvent } from "../audit/event.ts";
import { BudgetError, type HushbookError } from "../errors.ts";
import { RequestError, type RequestErrorKind } from "../door/request_error.ts";
import type { Budget } from "../limits/budget.ts";
import type { Call, Guard } from "./call.ts";
import { given } from "./given.ts";

/** Options of {@link budgeted}. */
export interface BudgetedOptions {
  /** The budget. */
  readonly budget: Budget;
  /** The token's fingerprint. */
  readonly fingerprint: string;
  /** Records that a call was refused. */
  readonly note: (record: AuditEvent) => void;
}

/** Failures after which no provider sends a bill. After any other, the estimate stays. */
const neverBilled: ReadonlySet<RequestErrorKind> = new Set([
  "auth",
  "credits",
  "rate",
  "loading",
  "request",
  "refused",
]);

function isFree(call: Call, error: HushbookError | undefined): boolean {
  if (call.attempts === 0) return true;
  return error instanceof RequestError && neverBilled.has(error.kind);
}

/**
 * Refuses calls that could pass a ceiling.
 *
 * @param options The budget.
 * @returns The guard.
 */
export function budgeted(options: BudgetedOptions): Guard {
  const { budget, fingerprint, note } = options;
  return (next) => async (call) => {
    const { model, provider, operation, charged, maxOutputTokens } = call.subject;
    if (!charged) return await next(call);
    const writes = operation === "chat" || operation === "text_completion";
    let reservation;
    try {
      reservation = await budget.reserve({
        model,
        provider,
        inputTokens: call.inputTokens(),
        maxTokens: writes ? maxOutputTokens : 0,
      });
    } catch (error) {
      if (error instanceof BudgetError) {
        const { unit, period, ceiling, left } = error.facts ?? {};
        note(given({
          event: "budget.deny" as const,
          outcome: "refused" as const,
          id: call.id,
          fingerprint,
          reason: error.code,
          "limit.name": unit === undefined ? undefined : `${unit}-${period}`,
          "limit.max": ceiling,
          "limit.used": ceiling === undefined ? undefined : ceiling - left!,
        }));
      }
      throw error;
    }
    call.ends.push(async ({ usage, error }) => {
      if (isFree(call, error)) await reservation.cancel();
      else {
        const dollars = await reservation.settle(usage);
        if (dollars !== undefined) call.costUsd = dollars;
      }
    });
    return await next(call);
  };
}
