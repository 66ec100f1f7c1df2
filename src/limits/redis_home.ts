/**
 * A home for many machines: the same sliding window in Redis or Valkey. While the server does not
 * answer, calls wait for it or share the limit by number, and what was called meanwhile is told to
 * the server when it is back.
 *
 * @module
 */

import { RateLimitError } from "../errors.ts";
import type { Claim, Home, HomeView, Stamp } from "./home.ts";
import { LocalShare } from "./local_share.ts";
import { type Answer, type RedisClient, RedisStore } from "./redis_store.ts";
import { LONGEST_PAUSE_MS } from "./shared_brake.ts";
import { NO_BRAKE, readyAt, StampLog, type WaitReason } from "./sliding_window.ts";
import { type Span, spansOf, type Window } from "./window.ts";

/** What calls do while the server does not answer. */
export type OnStoreDown = "local-share" | "block";

/** How often a server that does not answer is asked again, in milliseconds. */
const RETRY_MS = 250;

/**
 * How soon to ask again while the server is being told what was called meanwhile, in milliseconds.
 */
const RECALLING_MS = 10;

/** What a {@link RedisHome} is made of. */
export interface RedisHomeOptions {
  /** The loaded client. */
  readonly client: RedisClient;
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** The limit's name. */
  readonly name: string;
  /** The windows; all hold at once. */
  readonly windows: readonly Window[];
  /** The guard in milliseconds. */
  readonly guardMs?: number | undefined;
  /** What to do while the server does not answer. */
  readonly onStoreDown: OnStoreDown;
  /** Among how many processes the limit is divided then. */
  readonly instances: number;
  /** A monotonic clock, in milliseconds. */
  readonly steady: () => number;
  /** Is told when the server is gone, and when it is back. */
  readonly onNotice?: ((notice: string) => void) | undefined;
  /** Is told when waiting calls should ask again. */
  readonly onBack: () => void;
}

/** Times of calls in Redis or Valkey, by the server's clock. */
export class RedisHome implements Home {
  readonly #options: RedisHomeOptions;
  readonly #spans: readonly Span[];
  readonly #store: RedisStore;
  readonly #share: LocalShare;
  readonly #id: string = crypto.randomUUID();
  /** The server's stamps as this process last saw them, newest first. */
  #stamps: readonly string[] = [];
  #log: StampLog;
  #waitUntil = -Infinity;
  /** End of a pause that this process was told of. */
  #pauseUntil = -Infinity;
  #down = false;
  #recalling = false;
  #askedAt = -Infinity;
  #closed = false;

  /**
   * Prepares the connection; nothing is connected yet.
   *
   * @param options Server, limit, and what to do while the server is down.
   */
  constructor(options: RedisHomeOptions) {
    this.#options = options;
    this.#spans = spansOf(options.windows, options.guardMs);
    this.#share = new LocalShare(this.#spans, options.instances);
    this.#log = new StampLog(1);
    const spans = this.#spans.map(({ limit, spanMs }) => `${limit},${Math.ceil(spanMs * 1000)}`);
    this.#store = new RedisStore(options.client, options.url, options.name, spans.join(";"), () => {
      // Also after a break that no call noticed: the server may have lost what it knew.
      const paused = this.#pauseUntil > options.steady();
      if (this.#stamps.length > 0 || paused || this.#down) this.#recall();
    });
  }

  /** `"redis"`, or what replaces it while the server does not answer. */
  get kind(): "redis" | "local-share" {
    return this.#down && this.#options.onStoreDown === "local-share" ? "local-share" : "redis";
  }

  /** @inheritDoc */
  async claim(wanted: number, waitedMs: number): Promise<Claim> {
    if (this.#down) return this.#withoutStore(wanted);
    let answer: Answer;
    try {
      answer = await this.#store.run("claim", wanted, this.#id, Math.round(waitedMs * 1000));
    } catch (error) {
      this.#fail(error);
      return this.#withoutStore(wanted);
    }
    this.#learn(answer);
    const stamps = answer.stamps.slice(0, answer.granted);
    const waitMs = answer.waitUs / 1000;
    this.#waitUntil = this.#options.steady() + waitMs;
    return { granted: answer.granted, stamps, waitMs, reason: answer.reason as WaitReason };
  }

  /** @inheritDoc */
  forecast(place: number): number {
    const now = this.#options.steady();
    if (this.#down) {
      const at = this.#options.onStoreDown === "block" ? now : this.#share.readyAt(now);
      return at === Infinity ? 0 : Math.max(0, at - now);
    }
    const brake = { ...NO_BRAKE, pauseUntil: this.#pauseUntil };
    const { at } = readyAt(this.#log, this.#spans, now, brake, place);
    return Math.max(0, at - now, this.#waitUntil - now);
  }

  /** @inheritDoc */
  giveBack(stamps: readonly Stamp[]): void {
    if (this.#down) return this.#share.giveBack(stamps.length);
    this.#store.run("return", ...stamps).then((answer) => this.#learn(answer), () => {});
  }

  /** @inheritDoc */
  async move(stamp: Stamp): Promise<void> {
    // What the server does not know is told to it when it is back.
    if (this.#down) this.#share.move(stamp, this.#options.steady());
    else await this.#try("move", stamp);
  }

  /** @inheritDoc */
  leave(): void {
    if (!this.#down && this.#store.ready) this.#store.run("leave", this.#id).catch(() => {});
  }

  /** @inheritDoc */
  async pause(ms: number): Promise<void> {
    const lasts = Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS);
    this.#pauseUntil = lasts === 0
      ? -Infinity
      : Math.max(this.#pauseUntil, this.#options.steady() + lasts);
    this.#share.pause(this.#pauseUntil);
    await this.#try("pause", Math.round(lasts * 1000));
  }

  /** @inheritDoc */
  async pace(gapMs: number, forMs: number): Promise<void> {
    const lasts = Math.min(forMs, LONGEST_PAUSE_MS);
    await this.#try("pace", Math.round(gapMs * 1000), Math.round(lasts * 1000));
  }

  /** @inheritDoc */
  async view(): Promise<HomeView> {
    const answer = await this.#try("view");
    const now = this.#options.steady();
    if (answer !== undefined) {
      return {
        used: answer.used,
        nextFreeMs: answer.waitUs / 1000,
        reason: answer.reason as WaitReason,
        pausedMs: answer.pauseUs / 1000,
        gapMs: answer.gapUs / 1000,
        waitingElsewhere: answer.others,
      };
    }
    const blocked = this.#options.onStoreDown === "block";
    return {
      used: this.#spans.map(({ spanMs }) =>
        this.#log.countAfter(now - spanMs) +
        this.#share.own.filter((time) => time > now - spanMs).length
      ),
      nextFreeMs: blocked ? RETRY_MS : Math.min(Math.max(0, this.#share.readyAt(now) - now), 1e9),
      reason: blocked ? "store" : "window",
      pausedMs: Math.max(0, this.#pauseUntil - now),
      gapMs: 0,
      waitingElsewhere: 0,
    };
  }

  /** @inheritDoc */
  close(): void {
    this.#closed = true;
    this.#store.close();
  }

  /** Runs an operation that is not worth failing a call. */
  async #try(operation: string, ...args: (string | number)[]): Promise<Answer | undefined> {
    if (this.#down) {
      this.#askAgain();
      return undefined;
    }
    try {
      const answer = await this.#store.run(operation, ...args);
      this.#learn(answer);
      return answer;
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #withoutStore(wanted: number): Claim {
    this.#askAgain();
    // While the server is being told of our calls there must be no more of them.
    if (this.#recalling) return { granted: 0, stamps: [], waitMs: RECALLING_MS, reason: "store" };
    if (this.#options.onStoreDown === "block") {
      return { granted: 0, stamps: [], waitMs: RETRY_MS, reason: "store" };
    }
    const claim = this.#share.claim(wanted, this.#options.steady());
    // Soon enough to notice that the server is back.
    return { ...claim, waitMs: Math.min(claim.waitMs, RETRY_MS) };
  }

  /** Remembers what the server has recorded, in case it goes away. */
  #learn(answer: Answer): void {
    const now = this.#options.steady();
    const times = answer.stamps.map((stamp) => now - (answer.nowUs - Number(stamp)) / 1000);
    this.#stamps = answer.stamps;
    this.#log = new StampLog(Math.max(1, times.length));
    for (const time of times.toReversed()) this.#log.push(Math.min(time, now));
    this.#pauseUntil = answer.pauseUs > 0 ? now + answer.pauseUs / 1000 : -Infinity;
    this.#share.begin(times, this.#pauseUntil);
  }

  #fail(error: unknown): void {
    if (error instanceof RateLimitError) throw error; // refused: neither sharing nor waiting is right
    if (this.#down) return;
    this.#down = true;
    this.#askedAt = this.#options.steady();
    this.#options.onNotice?.(
      `The store of the shared limit does not answer: ${
        this.#options.onStoreDown === "block"
          ? "calls wait until it is back"
          : `this process uses one part in ${this.#options.instances} of the limit until it is back`
      }`,
    );
  }

  #askAgain(): void {
    const now = this.#options.steady();
    if (now - this.#askedAt < RETRY_MS || !this.#store.ready) return;
    this.#askedAt = now;
    this.#recall();
  }

  /** Tells the server what it may have lost and what was called while it was away. */
  async #recall(): Promise<void> {
    if (this.#recalling || this.#closed) return;
    this.#recalling = true;
    const pauseUntil = this.#pauseUntil;
    try {
      const now = this.#options.steady();
      const ages = this.#share.own.map((time) => Math.round((now - time) * 1000));
      const saw = this.#down ? "down" : "up";
      const told = [this.#stamps.length, ...this.#stamps, ...ages];
      this.#learn(await this.#store.run("recall", saw, ...told));
      const wasDown = this.#down;
      this.#down = false;
      const left = pauseUntil - this.#options.steady();
      if (pauseUntil > this.#pauseUntil && left > 0) await this.pause(left);
      if (wasDown && !this.#down) this.#options.onNotice?.("The store of the shared limit is back");
      this.#options.onBack();
    } catch {
      /* still away: the next call asks again */
    } finally {
      this.#recalling = false;
    }
  }
}
