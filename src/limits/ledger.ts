/**
 * `budgets.json`: what was spent, by budget, day and month. Every change is made under a lock and
 * written whole, so that no two processes can spend the same rest.
 *
 * @module
 */

import { BudgetError } from "../errors.ts";
import { openStateFolder } from "../state/folder.ts";
import { withLock } from "../state/lock.ts";
import { readPrivateFile, writePrivateFile } from "../state/private_file.ts";
import { type Period, periodName } from "./period.ts";

/** Tokens and billionths of a dollar. */
export interface Amount {
  /** Tokens, read and written. */
  readonly tokens: number;
  /** Billionths of a dollar. */
  readonly nano: number;
}

/** Nothing spent. */
export const NOTHING: Amount = { tokens: 0, nano: 0 };

/** What one budget has spent: by day (`2026-03-01`) and by month (`2026-03`). */
export type Account = Record<string, Amount>;

/** Days and months that are kept: the clock may be put back by weeks without giving money back. */
const KEPT = { day: 62, month: 14 } as const;

interface LedgerFile {
  readonly version: 1;
  readonly budgets: Record<string, Account>;
}

function isAmount(value: unknown): value is Amount {
  const { tokens, nano } = (value ?? {}) as Record<string, unknown>;
  return Number.isSafeInteger(tokens) && Number.isSafeInteger(nano) &&
    (tokens as number) >= 0 && (nano as number) >= 0;
}

function isLedger(value: unknown): value is LedgerFile {
  const { version, budgets } = (value ?? {}) as Record<string, unknown>;
  return version === 1 && typeof budgets === "object" && budgets !== null &&
    Object.values(budgets).every((account) =>
      typeof account === "object" && account !== null && !Array.isArray(account) &&
      Object.entries(account).every(([name, amount]) =>
        /^\d{4}-\d\d(?:-\d\d)?$/.test(name) && isAmount(amount)
      )
    );
}

function parse(path: string, bytes: Uint8Array | null): LedgerFile {
  if (bytes === null) return { version: 1, budgets: {} };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch { /* reported below, without any of its text */ }
  if (isLedger(value)) return value;
  throw new BudgetError(
    "budget-unreadable",
    `Cannot check the budget: ${path} is damaged, so what was spent is not known and nothing is ` +
      `sent; put a backup in its place, or delete it to start from zero`,
  );
}

/** Adds to one period of an account, never below zero, and drops periods long past. */
function add(account: Account, period: Period, name: string, amount: Amount): void {
  const before = account[name] ?? NOTHING;
  account[name] = {
    tokens: Math.max(0, before.tokens + amount.tokens),
    nano: Math.max(0, before.nano + amount.nano),
  };
  const length = period === "day" ? 10 : 7;
  const names = Object.keys(account).filter((each) => each.length === length).toSorted();
  for (const old of names.slice(0, -KEPT[period])) if (old !== name) delete account[old];
}

/** The accounts in one private folder. */
export class Ledger {
  readonly #folder: string | undefined;
  readonly #onNotice: ((notice: string) => void) | undefined;

  /**
   * Names the ledger; nothing is opened.
   *
   * @param folder The private folder. Default: the state folder.
   * @param onNotice Is told about what was repaired.
   */
  constructor(folder?: string, onNotice?: (notice: string) => void) {
    this.#folder = folder;
    this.#onNotice = onNotice;
  }

  async #path(): Promise<string> {
    const folder = await openStateFolder({
      ...(this.#folder === undefined ? {} : { folder: this.#folder }),
      ...(this.#onNotice === undefined ? {} : { onNotice: this.#onNotice }),
    });
    return `${folder}/budgets.json`;
  }

  /**
   * Reads one account.
   *
   * @param budget The budget's name.
   * @returns What it has spent.
   * @throws {BudgetError} `budget-unreadable` when the file is damaged.
   */
  async read(budget: string): Promise<Account> {
    const path = await this.#path();
    const { budgets } = parse(path, await readPrivateFile(path));
    return Object.hasOwn(budgets, budget) ? budgets[budget]! : {};
  }

  /**
   * Changes one account, alone among all processes.
   *
   * @param budget The budget's name.
   * @param time The moment whose day and month are changed, in milliseconds since 1970.
   * @param amount What is added; less than nothing gives back.
   * @param check Sees the account before the change; what it throws prevents it.
   * @throws {BudgetError} `budget-unreadable` when the file is damaged; what `check` throws.
   */
  async add(
    budget: string,
    time: number,
    amount: Amount,
    check: (account: Account) => void = () => {},
  ): Promise<void> {
    const path = await this.#path();
    await withLock(`${path}.lock`, async () => {
      const ledger = parse(path, await readPrivateFile(path));
      const account = Object.hasOwn(ledger.budgets, budget) ? ledger.budgets[budget]! : {};
      check(account);
      for (const period of ["day", "month"] as const) {
        add(account, period, periodName(period, time), amount);
      }
      ledger.budgets[budget] = account;
      await writePrivateFile(path, new TextEncoder().encode(`${JSON.stringify(ledger)}\n`));
    });
  }
}
