/**
 * Days and months of budgets, in UTC: the same for every machine and across clock changes, and how
 * Inference Providers bill.
 *
 * @module
 */

/** How long a ceiling holds. */
export type Period = "day" | "month";

/**
 * The name of the day or month a moment lies in.
 *
 * @param period Day or month.
 * @param time Milliseconds since 1970.
 * @returns `2026-03-01` or `2026-03`.
 */
export function periodName(period: Period, time: number): string {
  return new Date(time).toISOString().slice(0, period === "day" ? 10 : 7);
}

/**
 * When the day or month after a moment begins.
 *
 * @param period Day or month.
 * @param time Milliseconds since 1970.
 * @returns The first moment of the next one.
 */
export function nextPeriod(period: Period, time: number): Date {
  const date = new Date(time);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return new Date(period === "day" ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1));
}
