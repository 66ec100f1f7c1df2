/**
 * Ceilings for tokens and dollars. What a call may use at most is reserved before it is sent, so
 * that calls side by side cannot pass a ceiling together, and corrected when its real use is known.
 *
 * @module
 */

import { BudgetError } from "../errors.ts";
import { type LimitKey, limitName } from "./key.ts";
import { type Account, type Amount, Ledger, NOTHING } from "./ledger.ts";
import { nextPeriod, type Period, periodName } from "./period.ts";
import { checkPrices, costOf, NANO, type Price, priceOf, type Prices } from "./price.ts";

/** Most to use in a day and in a month of UTC. */
export interface Ceiling {
  /** From midnight to midnight, UTC. */
  readonly perDay?: number;
  /** From the first of the month, UTC. */
  readonly perMonth?: number;
}

/** How much may be used. */
export interface BudgetOptions {
  /** Whose budget it is: the same in every process. Default `"default"`. */
  readonly key?: LimitKey | string;
  /** Ceilings of tokens, read and written together. Default: none. */
  readonly tokens?: Ceiling;
  /** Ceilings of dollars; they need `prices`. Default: none. */
  readonly dollars?: Ceiling;
  /** Prices by model; the user gives them, because no list stays true. */
  readonly prices?: Prices;
  /** Tokens reserved for an answer whose length the request does not limit. Default 1024. */
  readonly defaultMaxTokens?: number;
  /** The private folder. Default: the state folder. */
  readonly folder?: string;
  /** Is told, in one sentence, when a settled use could not be written. Default: nobody is told. */
  readonly onNotice?: (notice: string) => void;
  /** Wall clock in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** What a call may use at most. */
export interface BudgetEstimate {
  /** The model, for its price. */
  readonly model?: string | undefined;
  /** The provider, for its price. */
  readonly provider?: string | undefined;
  /** Tokens the model will read; see `estimateInputTokens`. Default 0. */
  readonly inputTokens?: number | undefined;
  /** Tokens the answer may have. Default: the budget's `defaultMaxTokens`. */
  readonly maxTokens?: number | undefined;
}

/** What a call has used, as the server said. */
export interface BudgetUsage {
  /** Tokens read. */
  readonly inputTokens: number;
  /** Tokens written. */
  readonly outputTokens: number;
}

/** Part of a budget, kept for one call. One of its methods ends it; further ones do nothing. */
export interface Reservation {
  /** Tokens reserved. */
  readonly tokens: number;
  /** Dollars reserved; 0 where no price is known. */
  readonly dollars: number;
  /**
   * Replaces the estimate by what was really used. Where nothing is known (the call was aborted, or
   * its answer did not say) the estimate stays.
   *
   * Never throws: the call has been made, and its answer is worth more than the book-keeping.
   *
   * @param usage What the server said.
   * @returns Dollars used, where a price is known.
   */
  settle(usage?: BudgetUsage): Promise<number | undefined>;
  /** Gives everything back: the call was never sent. */
  cancel(): Promise<void>;
}

/** One ceiling and how much is left. */
export interface CeilingStatus {
  /** What is counted. */
  readonly unit: "tokens" | "dollars";
  /** How long it holds. */
  readonly period: Period;
  /** The ceiling. */
  readonly ceiling: number;
  /** Used or reserved. */
  readonly used: number;
  /** Left, at least 0. */
  readonly left: number;
  /** When the next day or month begins. */
  readonly resetsAt: Date;
}

/** A budget that all processes of a user share. */
export interface Budget {
  /** The budget's name, made of its key. */
  readonly name: string;
  /**
   * Reserves what a call may use at most.
   *
   * @param estimate Model, tokens to read, tokens to write.
   * @returns The reservation; settle it when the call has ended.
   * @throws {BudgetError} When it would pass a ceiling, its model has no price, or the file is
   * damaged.
   */
  reserve(estimate: BudgetEstimate): Promise<Reservation>;
  /** What is left under each ceiling. */
  status(): Promise<CeilingStatus[]>;
}

interface Rule {
  readonly unit: "tokens" | "dollars";
  readonly period: Period;
  readonly ceiling: number;
}

function rulesOf(options: BudgetOptions): Rule[] {
  const rules: Rule[] = [];
  for (const unit of ["tokens", "dollars"] as const) {
    const { perDay, perMonth } = options[unit] ?? {};
    for (const [period, ceiling] of [["day", perDay], ["month", perMonth]] as const) {
      if (ceiling === undefined) continue;
      if (!(ceiling >= 0 && ceiling <= 1e12)) {
        throw new RangeError("Cannot create a budget: every ceiling must be a number from 0");
      }
      rules.push({ unit, period, ceiling });
    }
  }
  return rules;
}

/** What an amount is in a rule's unit. */
function inUnit(unit: Rule["unit"], amount: Amount): number {
  return unit === "tokens" ? amount.tokens : amount.nano / NANO;
}

function statusOf(rule: Rule, account: Account, time: number): CeilingStatus {
  const used = inUnit(rule.unit, account[periodName(rule.period, time)] ?? NOTHING);
  const left = Math.max(0, Math.round((rule.ceiling - used) * NANO) / NANO);
  return { ...rule, used, left, resetsAt: nextPeriod(rule.period, time) };
}

function spoken(unit: Rule["unit"], value: number): string {
  if (unit === "tokens") return `${Math.floor(value).toLocaleString("en-US")} tokens`;
  return value === 0 || value >= 0.01 ? `$${value.toFixed(2)}` : `$${value.toPrecision(2)}`;
}

function exceeded(status: CeilingStatus, needed: number): BudgetError {
  const { unit, period, ceiling, left, resetsAt } = status;
  const hopeless = needed > ceiling;
  return new BudgetError(
    "budget-exceeded",
    `Cannot make the call: it may use ${spoken(unit, needed)} and the budget has ` +
      `${spoken(unit, left)} of ${spoken(unit, ceiling)} left ${
        period === "day" ? "today" : "this month"
      }; ` +
      (hopeless
        ? `lower max_tokens or raise the budget`
        : `lower max_tokens, raise the budget, or wait until it resets at ${resetsAt.toISOString()}`),
    { unit, period, ceiling, left, resetsAt },
  );
}

function wholeTokens(value: number): number {
  return value > 0 && value < 1e12 ? Math.ceil(value) : 0;
}

/**
 * Creates a budget. All processes that use the same key and folder share it, and a call is refused
 * before it could pass a ceiling.
 *
 * A process that is killed between reserving and settling leaves its estimate counted: nothing more
 * can be spent because of it, and it ends with its day and month. Days and months are those of UTC.
 *
 * Needs `--allow-read` and `--allow-write` for the private folder and `--allow-sys=uid`. Nothing is
 * opened before the first call.
 *
 * @param options Ceilings, prices, key.
 * @returns The budget.
 * @throws {RangeError} When a ceiling or price is out of range.
 * @throws {TypeError} When dollars are limited without prices, or the key looks like a token.
 *
 * @example
 * ```ts
 * import { BudgetError, createBudget } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const budget = createBudget({ folder, tokens: { perDay: 1000 } });
 * const call = await budget.reserve({ inputTokens: 100, maxTokens: 500 });
 * await assert.rejects(budget.reserve({ inputTokens: 100, maxTokens: 500 }), BudgetError);
 * await call.settle({ inputTokens: 80, outputTokens: 120 });
 * const [day] = await budget.status();
 * assert.equal(day?.left, 800);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function createBudget(options: BudgetOptions): Budget {
  const { prices = {}, defaultMaxTokens = 1024, now = Date.now, onNotice } = options;
  const name = limitName(options.key ?? "default");
  const rules = rulesOf(options);
  checkPrices(prices);
  const needsPrice = rules.some(({ unit }) => unit === "dollars");
  if (needsPrice && options.prices === undefined) {
    throw new TypeError("Cannot create a budget: a ceiling of dollars needs prices");
  }
  const ledger = new Ledger(options.folder, onNotice);

  async function reserve(estimate: BudgetEstimate): Promise<Reservation> {
    const { model, provider, inputTokens = 0, maxTokens = defaultMaxTokens } = estimate;
    const price = priceOf(prices, model, provider);
    if (price === undefined && needsPrice) throw noPrice(model);
    const [read, written] = [wholeTokens(inputTokens), wholeTokens(maxTokens)];
    const reserved = { tokens: read + written, nano: price ? costOf(price, read, written) : 0 };
    const time = now();
    await ledger.add(name, time, reserved, (account) => {
      for (const rule of rules) {
        const status = statusOf(rule, account, time);
        const needed = inUnit(rule.unit, reserved);
        if (needed > status.left) throw exceeded(status, needed);
      }
    });
    return reservation(time, reserved, price);
  }

  function reservation(time: number, reserved: Amount, price: Price | undefined): Reservation {
    let open = true;
    const correct = async (real: Amount) => {
      if (!open) return;
      open = false;
      const change = { tokens: real.tokens - reserved.tokens, nano: real.nano - reserved.nano };
      if (change.tokens === 0 && change.nano === 0) return;
      try {
        await ledger.add(name, time, change); // in the period it was reserved in
      } catch {
        onNotice?.("Could not settle the budget: the call stays counted as it was estimated");
      }
    };
    return {
      tokens: reserved.tokens,
      dollars: reserved.nano / NANO,
      async settle(usage) {
        if (usage === undefined) {
          open = false;
          return price && reserved.nano / NANO;
        }
        const [read, written] = [wholeTokens(usage.inputTokens), wholeTokens(usage.outputTokens)];
        const nano = price ? costOf(price, read, written) : 0;
        await correct({ tokens: read + written, nano });
        return price && nano / NANO;
      },
      cancel: () => correct(NOTHING),
    };
  }

  return {
    name,
    reserve,
    async status() {
      const account = await ledger.read(name);
      return rules.map((rule) => statusOf(rule, account, now()));
    },
  };
}

function noPrice(model: string | undefined): BudgetError {
  const named = model !== undefined && /^[\w.:@/-]{1,200}$/.test(model) ? ` ${model}` : "";
  return new BudgetError(
    "budget-no-price",
    `Cannot make the call: the budget counts dollars and the model${named} has no price; add it to ` +
      `prices, or a price for "*"`,
  );
}
