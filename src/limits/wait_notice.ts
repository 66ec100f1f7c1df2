/**
 * Tells somebody how long a wait still lasts: once when it proves to be one, then a few times a
 * second, so that a line can count down in place, and once when it is over.
 *
 * @module
 */

import type { LimitWait } from "./permit.ts";
import type { WaitReason } from "./sliding_window.ts";

/** How often a wait is told about, in milliseconds. */
const EVERY_MS = 200;

/** Shorter waits are not worth a word, in milliseconds. */
const FROM_MS = 100;

/** The words about one wait. */
export class WaitNotice {
  readonly #onWait: (wait: LimitWait) => void;
  readonly #since: number;
  #told = false;
  #nextAt = -Infinity;

  /**
   * Begins; nothing is said yet.
   *
   * @param onWait Is told. What it throws is ignored: showing a wait must not break the call.
   * @param since When the wait began, on the queue's clock.
   */
  constructor(onWait: (wait: LimitWait) => void, since: number) {
    this.#onWait = onWait;
    this.#since = since;
  }

  /**
   * Says how long the wait still lasts, if it is time for a word.
   *
   * @param now The queue's clock.
   * @param remainingMs Milliseconds still to wait.
   * @param reason What is waited for.
   * @param waiting How many calls wait.
   * @returns When to be asked again.
   */
  say(now: number, remainingMs: number, reason: WaitReason, waiting: number): number {
    const worth = this.#since + FROM_MS;
    if (!this.#told && remainingMs < FROM_MS && now < worth) return worth;
    if (now < this.#nextAt) return this.#nextAt;
    this.#told = true;
    this.#nextAt = now + EVERY_MS;
    this.#tell({ remainingMs, waitedMs: now - this.#since, reason, waiting, done: false });
    return this.#nextAt;
  }

  /**
   * Says that the wait is over, if anything was said about it.
   *
   * @param now The queue's clock.
   * @param reason What was waited for.
   * @param waiting How many calls still wait.
   */
  end(now: number, reason: WaitReason, waiting: number): void {
    if (!this.#told) return;
    this.#tell({ remainingMs: 0, waitedMs: now - this.#since, reason, waiting, done: true });
  }

  #tell(wait: LimitWait): void {
    try {
      this.#onWait(wait);
    } catch { /* see the constructor */ }
  }
}
