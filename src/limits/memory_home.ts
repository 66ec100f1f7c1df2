/**
 * A home inside one process: for tests, for places without a disk, and as the share of a shared
 * limit while its store is down.
 *
 * @module
 */

import type { Claim, Home, HomeView, Stamp } from "./home.ts";
import { LONGEST_PAUSE_MS } from "./shared_brake.ts";
import { type Brake, NO_BRAKE, readyAt, StampLog } from "./sliding_window.ts";
import { type Span, spansOf, type Window } from "./window.ts";

/** Times of calls in the memory of this process, which nobody shares. */
export class MemoryHome implements Home {
  /** Always `"memory"`. */
  readonly kind = "memory";
  readonly #spans: readonly Span[];
  readonly #log: StampLog;
  readonly #steady: () => number;
  #brake: Brake = NO_BRAKE;

  /**
   * Creates the home.
   *
   * @param windows The windows; all hold at once.
   * @param steady A monotonic clock, in milliseconds.
   * @param guardMs The guard in milliseconds. Default: by the window's length.
   */
  constructor(windows: readonly Window[], steady: () => number, guardMs?: number) {
    this.#spans = spansOf(windows, guardMs);
    this.#log = new StampLog(Math.max(...windows.map(({ limit }) => limit)));
    this.#steady = steady;
  }

  #now(): number {
    const now = this.#steady();
    this.#log.clampTo(now);
    return now;
  }

  /** @inheritDoc */
  claim(wanted: number): Claim {
    const now = this.#now();
    let granted = 0;
    let ready = readyAt(this.#log, this.#spans, now, this.#brake);
    while (granted < wanted && ready.at <= now) {
      this.#log.push(now);
      granted++;
      ready = readyAt(this.#log, this.#spans, now, this.#brake);
    }
    const stamps = new Array(granted).fill(now);
    return { granted, stamps, waitMs: Math.max(0, ready.at - now), reason: ready.reason };
  }

  /** @inheritDoc */
  forecast(place: number): number {
    const now = this.#now();
    return Math.max(0, readyAt(this.#log, this.#spans, now, this.#brake, place).at - now);
  }

  /** @inheritDoc */
  giveBack(stamps: readonly Stamp[]): void {
    this.#log.total = Math.max(0, this.#log.total - stamps.length);
  }

  /** @inheritDoc */
  move(stamp: Stamp): Promise<void> {
    this.#log.move(stamp as number, this.#now());
    return Promise.resolve();
  }

  /** Does nothing: there are no other processes. */
  leave(): void {}

  /** @inheritDoc */
  pause(ms: number): Promise<void> {
    const until = this.#now() + Math.min(ms, LONGEST_PAUSE_MS);
    if (ms <= 0) this.#brake = { ...this.#brake, pauseUntil: -Infinity };
    else if (until > this.#brake.pauseUntil) this.#brake = { ...this.#brake, pauseUntil: until };
    return Promise.resolve();
  }

  /** @inheritDoc */
  pace(gapMs: number, forMs: number): Promise<void> {
    const gapUntil = this.#now() + Math.min(forMs, LONGEST_PAUSE_MS);
    this.#brake = { ...this.#brake, gapMs, gapUntil };
    return Promise.resolve();
  }

  /** @inheritDoc */
  view(): Promise<HomeView> {
    const now = this.#now();
    const { at, reason } = readyAt(this.#log, this.#spans, now, this.#brake);
    return Promise.resolve({
      used: this.#spans.map(({ spanMs }) => this.#log.countAfter(now - spanMs)),
      nextFreeMs: Math.max(0, at - now),
      reason,
      pausedMs: Math.max(0, this.#brake.pauseUntil - now),
      gapMs: this.#brake.gapUntil > now ? this.#brake.gapMs : 0,
      waitingElsewhere: 0,
    });
  }

  /** Does nothing: nothing is open. */
  close(): void {}
}
