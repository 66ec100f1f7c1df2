/**
 * The queue of waiting calls in front of the place where the times of calls live. It sleeps until
 * the next slot may be free, and never blocks.
 *
 * @module
 */

import type { Claim, Home, Stamp } from "./home.ts";
import { heldPermit } from "./held_permit.ts";
import type { AcquireOptions, LimitWait, Permit } from "./permit.ts";
import type { WaitReason } from "./sliding_window.ts";
import { closed, tooLong } from "./wait_error.ts";
import { WaitNotice } from "./wait_notice.ts";
import { type Queued, WaitQueue } from "./wait_queue.ts";

/** How much later than its longest wait a call fails whose wait is not known, in milliseconds. */
const GRACE_MS = 20;

/** The longest time a timer can be set for, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a {@link CallQueue} is made of. */
export interface CallQueueOptions {
  /** Opens the place where the times live, at the first call. */
  readonly open: () => Promise<Home>;
  /** The limit in words, for errors: `10 calls in 60 s`. */
  readonly words: string;
  /** Calls of this process at a time. */
  readonly concurrency: number;
  /** Longest wait in milliseconds of calls that do not say. */
  readonly maxWaitMs: number;
  /** A call that is sent so much later than its slot was asked for, in milliseconds, is late. */
  readonly lateMs: number;
  /**
   * A slot that is so much older when it comes, in milliseconds, is not used: another is asked for.
   */
  readonly lapsedMs: number;
  /** A monotonic clock, in milliseconds. */
  readonly steady: () => number;
  /** Waits, until the signal at the latest. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Is told about the first waiting call while any wait. */
  readonly onWait?: ((wait: LimitWait) => void) | undefined;
}

interface Call extends Queued {
  readonly queuedAt: number;
  readonly maxWaitMs: number;
  readonly notice: WaitNotice | undefined;
  readonly grant: (stamp: Stamp, askedAt: number) => void;
  readonly fail: (reason: unknown) => void;
}

/** Whether a call must be looked at while it waits, and not only when its turn comes. */
function isAttentive(call: Call): boolean {
  return call.notice !== undefined || call.maxWaitMs < Infinity;
}

/** The calls of one process under one limit. */
export class CallQueue {
  readonly #options: CallQueueOptions;
  readonly #queue = new WaitQueue<Call>();
  #attentive = 0;
  #home: Home | undefined;
  #opening: Promise<Home> | undefined;
  #closed = false;
  #running = 0;
  /** A claim is under way, or the home is being opened. */
  #claiming = false;
  /** Since when this process waits without getting a slot. */
  #blockedAt = Infinity;
  /** When to ask for slots again. */
  #claimAt = -Infinity;
  #reason: WaitReason = "window";
  #notice: WaitNotice | undefined;
  #wake: { readonly at: number; readonly controller: AbortController } | undefined;

  /**
   * Creates an empty queue; nothing is opened.
   *
   * @param options Where the times live, limits, clock.
   */
  constructor(options: CallQueueOptions) {
    this.#options = options;
  }

  /** Calls under way. */
  get running(): number {
    return this.#running;
  }

  /** Calls that wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** The place where the times live, opened once. */
  home(): Promise<Home> {
    if (this.#home !== undefined) return Promise.resolve(this.#home);
    this.#opening ??= this.#options.open().then((home) => {
      if (this.#closed) home.close();
      return this.#home = home;
    }).finally(() => this.#opening = undefined);
    return this.#opening;
  }

  /**
   * Queues a call.
   *
   * @param options Signal, priority, longest wait.
   * @returns The permit, once it is the call's turn.
   * @throws {RateLimitError} When the wait is known to exceed the longest wait.
   */
  acquire(options: AcquireOptions): Promise<Permit> {
    const { signal, priority = 0, maxWaitMs = this.#options.maxWaitMs, onWait } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      const queuedAt = this.#options.steady();
      const settled = () => signal?.removeEventListener("abort", abort);
      const call: Call = {
        priority,
        gone: false,
        queuedAt,
        maxWaitMs,
        notice: onWait && new WaitNotice(onWait, queuedAt),
        grant: (stamp, askedAt) => {
          settled();
          resolve(this.#permit(this.#options.steady() - queuedAt, stamp, askedAt));
        },
        fail: (reason) => {
          settled();
          reject(reason);
        },
      };
      const abort = () => {
        if (!this.#queue.remove(call)) return;
        this.#end(call);
        call.fail(signal!.reason);
        if (this.#queue.size === 0) this.#leave();
      };
      signal?.addEventListener("abort", abort, { once: true });
      if (isAttentive(call)) this.#attentive++;
      this.#queue.add(call);
      this.#pump();
    });
  }

  /** Asks for slots again now: a pause has begun or ended. */
  refresh(): void {
    this.#claimAt = -Infinity;
    this.#pump();
  }

  /** Rejects every waiting call and closes the home. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failAll(closed());
    this.#home?.close();
  }

  #permit(waitedMs: number, stamp: Stamp, askedAt: number): Permit {
    const { steady, lateMs } = this.#options;
    return heldPermit(waitedMs, {
      onSent: () => {
        if (this.#closed || steady() - askedAt <= lateMs) return;
        // The call is on its way; where its time cannot be moved, the guard is all there is.
        this.#home!.move(stamp).catch(() => {});
      },
      onRelease: () => {
        this.#running--;
        if (this.#queue.size > 0) this.#pump();
      },
    });
  }

  /** Takes slots for the waiting calls, and sleeps until there may be more. */
  #pump(): void {
    const { steady, concurrency } = this.#options;
    while (!this.#claiming && this.#queue.size > 0) {
      const asked = Math.min(this.#queue.size, concurrency - this.#running);
      const now = steady();
      if (asked === 0) this.#reason = "concurrency";
      if (asked === 0 || now < this.#claimAt) break;
      if (this.#home === undefined) {
        this.#reason = "store";
        this.#await(this.home(), () => {});
        break;
      }
      try {
        const claim = this.#home.claim(asked, Math.max(0, now - this.#blockedAt));
        if (claim instanceof Promise) {
          this.#await(claim, (answer) => this.#settle(answer, asked, now));
        } else this.#settle(claim, asked, now);
      } catch (error) {
        this.#failAll(error);
      }
    }
    this.#plan();
  }

  #await<T>(promise: Promise<T>, then: (value: T) => void): void {
    this.#claiming = true;
    promise.then((value) => {
      this.#claiming = false;
      then(value);
      this.#pump();
    }).catch((error) => {
      this.#claiming = false;
      this.#failAll(error);
    });
  }

  #settle({ granted, stamps, waitMs, reason }: Claim, asked: number, askedAt: number): void {
    this.#reason = reason;
    // After standing still for so long, the slot may be somebody else's before it is used.
    if (granted > 0 && this.#options.steady() - askedAt > this.#options.lapsedMs) {
      return this.#home!.giveBack(stamps);
    }
    for (let given = 0; given < granted; given++) {
      const call = this.#queue.take();
      if (call === undefined) { // aborted while the claim was under way
        this.#home!.giveBack(stamps.slice(given));
        break;
      }
      this.#running++;
      this.#end(call);
      call.grant(stamps[given]!, askedAt);
    }
    if (this.#queue.size === 0) return this.#rest();
    const now = this.#options.steady();
    this.#claimAt = granted < asked ? now + Math.max(waitMs, 0.5) : -Infinity;
    if (granted > 0 || this.#blockedAt === Infinity) this.#blockedAt = now;
  }

  /** Nobody waits any more. */
  #rest(): void {
    this.#blockedAt = Infinity;
    this.#claimAt = -Infinity;
    this.#wake?.controller.abort();
    this.#wake = undefined;
    this.#notice?.end(this.#options.steady(), this.#reason, 0);
    this.#notice = undefined;
  }

  /** The last waiting call has given up. */
  #leave(): void {
    this.#rest();
    this.#home?.leave();
  }

  #end(call: Call): void {
    if (isAttentive(call)) this.#attentive--;
    call.notice?.end(this.#options.steady(), this.#reason, this.#queue.size);
  }

  #failAll(error: unknown): void {
    for (let call = this.#queue.take(); call !== undefined; call = this.#queue.take()) {
      this.#end(call);
      call.fail(error);
    }
    this.#rest();
  }

  /** Tells waiting calls, fails those that cannot make it, and sleeps until the next event. */
  #plan(): void {
    if (this.#queue.size === 0) return;
    const { steady, onWait } = this.#options;
    const now = steady();
    if (onWait !== undefined) this.#notice ??= new WaitNotice(onWait, now);
    let wakeAt = this.#claiming || this.#reason === "concurrency" ? Infinity : this.#claimAt;
    let place = 0;
    for (const call of this.#queue) {
      if (++place > 1 && this.#attentive === 0) break;
      const leftMs = this.#home?.forecast(place) ?? 0;
      const deadline = call.queuedAt + call.maxWaitMs;
      // Whoever does not want to wait still waits for an answer, and some moments for the lock.
      const late = deadline + GRACE_MS;
      if ((leftMs > 0 && now + leftMs > deadline) || (!this.#claiming && now >= late)) {
        place--;
        this.#queue.remove(call);
        this.#end(call);
        call.fail(tooLong(this.#reason, this.#options.words, leftMs, call.maxWaitMs));
        continue;
      }
      if (!this.#claiming) wakeAt = Math.min(wakeAt, late);
      for (const notice of [call.notice, place === 1 ? this.#notice : undefined]) {
        if (notice === undefined) continue;
        wakeAt = Math.min(wakeAt, notice.say(now, leftMs, this.#reason, this.#queue.size));
      }
    }
    if (this.#queue.size === 0) return this.#leave();
    this.#sleepUntil(wakeAt);
  }

  #sleepUntil(at: number): void {
    if (at === Infinity || this.#wake?.at === at) return;
    this.#wake?.controller.abort();
    const wake = this.#wake = { at, controller: new AbortController() };
    const ms = Math.min(Math.max(0, at - this.#options.steady()), LONGEST_TIMER_MS);
    this.#options.sleep(ms, wake.controller.signal).then(() => {
      if (this.#wake !== wake) return;
      this.#wake = undefined;
      this.#pump();
    }, () => {});
  }
}
