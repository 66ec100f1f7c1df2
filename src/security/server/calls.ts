/**
 * Calls over time, for the chart.
 *
 * @module
 */

import type { AuditLog } from "../../audit/log.ts";
import type { LimitOverview } from "../../limits/overview.ts";

/** The calls that ended in one minute. */
export interface CallMinute {
  /** Calls that went well. */
  readonly ok: number;
  /** Calls that were refused, failed or were aborted. */
  readonly other: number;
}

/** The shape of `GET /api/security/calls`. */
export interface Calls {
  /** Number of the newest record: when it grows, something happened. */
  readonly seq: number;
  /** The last 60 minutes, oldest first; the last one has just begun. */
  readonly minutes: readonly CallMinute[];
  /** The strictest limit, as calls in a minute; null when no call was made under one yet. */
  readonly limitPerMinute: number | null;
}

const MINUTE = 60_000;
const MINUTES = 60;
/** At ten calls a minute an hour has 1200 records; what is beyond these is not counted. */
const MOST_RECORDS = 50_000;
/** The events that end a call. */
const CALLS: ReadonlySet<string> = new Set(["inference.end", "budget.deny", "lockout.deny"]);

/** Counts the calls of the last hour, anew only when there is a new record. */
export class CallHistory {
  readonly #log: AuditLog;
  #first = -1;
  #seq = -1;
  #minutes: readonly CallMinute[] = [];

  /**
   * Reads nothing yet.
   *
   * @param log The audit log.
   */
  constructor(log: AuditLog) {
    this.#log = log;
  }

  /**
   * Counts the calls.
   *
   * @param limits The limits in use.
   * @param now The time, in ms since 1970.
   * @returns Minute by minute.
   */
  async of(limits: readonly LimitOverview[], now: number): Promise<Calls> {
    const first = Math.floor(now / MINUTE) - MINUTES + 1;
    const seq = await this.#newest();
    if (seq !== this.#seq || first !== this.#first) {
      this.#minutes = await this.#count(first);
      this.#seq = seq;
      this.#first = first;
    }
    const rates = limits.flatMap(({ windows }) =>
      windows.map(({ limit, windowMs }) => limit * MINUTE / windowMs)
    );
    return {
      seq,
      minutes: this.#minutes,
      limitPerMinute: rates.length === 0 ? null : Math.round(Math.min(...rates)),
    };
  }

  async #newest(): Promise<number> {
    for await (const { seq } of this.#log.newest()) return seq;
    return 0;
  }

  async #count(first: number): Promise<CallMinute[]> {
    const minutes = Array.from({ length: MINUTES }, () => ({ ok: 0, other: 0 }));
    let looked = 0;
    for await (const { time, event, outcome } of this.#log.newest()) {
      const at = Math.floor(Date.parse(time) / MINUTE) - first;
      // Newest first: all that follow are older still.
      if (at < 0 || ++looked > MOST_RECORDS) break;
      const minute = CALLS.has(event) ? minutes[at] : undefined;
      if (minute !== undefined) minute[outcome === "ok" ? "ok" : "other"]++;
    }
    return minutes;
  }
}
