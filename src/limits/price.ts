/**
 * What a call costs, by prices that the user gives: there is no list of prices that stays true.
 * Amounts are counted in whole billionths of a dollar, so that sums are exact.
 *
 * @module
 */

/** Dollars for the use of one model. */
export interface Price {
  /** Dollars per million tokens read. Default 0. */
  readonly input?: number;
  /** Dollars per million tokens written. Default 0. */
  readonly output?: number;
  /** Dollars per call, for models that are not paid by the token. Default 0. */
  readonly call?: number;
}

/**
 * Prices by model: `"owner/name:provider"`, `"owner/name"`, `"provider"`, or `"*"` for every other;
 * the first of these that is given holds.
 */
export type Prices = Readonly<Record<string, Price>>;

/** Billionths of a dollar in one dollar. */
export const NANO = 1e9;

/**
 * Checks prices.
 *
 * @param prices The prices.
 * @throws {RangeError} When one is no number of 0 or more.
 */
export function checkPrices(prices: Prices): void {
  for (const { input = 0, output = 0, call = 0 } of Object.values(prices)) {
    if (![input, output, call].every((value) => value >= 0 && value < 1e6)) {
      throw new RangeError(
        "Cannot create a budget: every price must be a number of dollars from 0",
      );
    }
  }
}

/**
 * Finds the price of a model.
 *
 * @param prices The prices.
 * @param model The model's name, with or without `:provider`.
 * @param provider The provider, where known.
 * @returns The price, or undefined where none is given.
 */
export function priceOf(prices: Prices, model = "", provider = ""): Price | undefined {
  const [plain = "", suffix = provider] = model.split(":");
  for (const name of [`${plain}:${suffix}`, model, plain, suffix, "*"]) {
    if (name !== "" && Object.hasOwn(prices, name)) return prices[name];
  }
  return undefined;
}

/**
 * What a call costs.
 *
 * @param price The model's price.
 * @param inputTokens Tokens read.
 * @param outputTokens Tokens written.
 * @returns Billionths of a dollar, rounded up.
 */
export function costOf(price: Price, inputTokens: number, outputTokens: number): number {
  const { input = 0, output = 0, call = 0 } = price;
  // Dollars per million tokens are thousands of billionths per token.
  const nano = inputTokens * input * 1000 + outputTokens * output * 1000 + call * NANO;
  // Products of decimal fractions miss whole numbers by a hair; that hair must not cost one more.
  return Math.ceil(Number(nano.toPrecision(15)));
}
