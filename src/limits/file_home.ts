/**
 * The default home: a ring file that all kernels and commands of a user share on one machine.
 *
 * @module
 */

import type { Claim, Home, HomeView, Stamp } from "./home.ts";
import { BATCH, RingFile } from "./ring_file.ts";
import { fairShare } from "./share.ts";
import { LONGEST_PAUSE_MS } from "./shared_brake.ts";
import { type Brake, readyAt, type WaitReason } from "./sliding_window.ts";
import { type Clocks, SteadyClock } from "./steady_clock.ts";
import { LONGEST_LOOK_MS, STEP_MS } from "./turns.ts";
import { type Span, spansOf, type Window } from "./window.ts";

/** What a {@link FileHome} is made of. */
export interface FileHomeOptions {
  /** The ring file, absolute, in a private folder that is there. */
  readonly path: string;
  /** The windows; all hold at once. */
  readonly windows: readonly Window[];
  /** The guard in milliseconds. Default: by the window's length. */
  readonly guardMs?: number | undefined;
  /** This process's clocks. */
  readonly clocks: Clocks;
  /** Waits. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Is told, in one sentence, about something that was repaired. */
  readonly onNotice?: ((notice: string) => void) | undefined;
}

/** How soon a missed lock is tried again, in milliseconds: 1 to 4, at random. */
function missedLockMs(): number {
  return 1 + Math.random() * 3;
}

/** Times of calls in a ring file under an advisory lock, which is never waited for blocking. */
export class FileHome implements Home {
  /** Always `"file"`. */
  readonly kind = "file";
  readonly #clock: SteadyClock;
  readonly #ring: RingFile;
  readonly #windows: readonly Window[];
  readonly #spans: readonly Span[];
  readonly #sleep: (ms: number) => Promise<void>;
  /** A pause this process was told of and has not written yet. */
  #ownPauseUntil = -Infinity;
  #registered = false;

  /**
   * Opens the file.
   *
   * @param options The file, the windows, the clocks.
   * @throws {StateError} When the file is not safe or cannot be opened.
   */
  constructor(options: FileHomeOptions) {
    this.#windows = options.windows;
    this.#spans = spansOf(options.windows, options.guardMs);
    this.#clock = new SteadyClock(options.clocks);
    this.#sleep = options.sleep;
    const most = Math.max(...options.windows.map(({ limit }) => limit));
    this.#ring = new RingFile(options.path, most, this.#clock, options.onNotice);
  }

  /** @inheritDoc */
  claim(wanted: number, waitedMs: number): Claim {
    const ring = this.#ring;
    if (!ring.lock()) return { granted: 0, stamps: [], waitMs: missedLockMs(), reason: "lock" };
    try {
      const { wall } = this.#clock;
      const since = wall - waitedMs;
      const others = ring.head.waiting ? ring.turns.others(wall) : 0;
      const ahead = others === 0 ? 0 : ring.turns.ahead(since, wall);
      const { take, waitMs, reason } = this.#decide(wanted, others, ahead);
      for (let i = 0; i < take; i++) ring.add();
      if (take < wanted) {
        ring.turns.wait(take > 0 ? wall : since, wall + waitMs, wall);
        ring.head.waiting = this.#registered = true;
      } else if (this.#registered) {
        this.#unregister(others);
      }
      if (take > 0) ring.head.windows = this.#windows;
      if (take > 0 || this.#registered) ring.commit();
      return { granted: take, stamps: new Array(take).fill(wall), waitMs, reason };
    } finally {
      ring.unlock();
    }
  }

  #decide(
    wanted: number,
    others: number,
    ahead: number,
  ): { take: number; waitMs: number; reason: WaitReason } {
    const { now } = this.#clock;
    const log = this.#ring.log;
    const brake = this.#brake();
    const most = others === 0 ? Math.min(wanted, BATCH) : BATCH;
    let free = 0;
    let ready = readyAt(log, this.#spans, now, brake);
    const firstAt = ready.at;
    while (free < most && ready.at <= now) {
      free++;
      ready = readyAt(log, this.#spans, now, brake, free + 1);
    }
    const idleMs = now - Math.max(firstAt, log.newest(1));
    const share = fairShare({ free, wanted, others, ahead, idleMs });
    const take = Math.min(share.take, BATCH);
    if (take === wanted) return { take, waitMs: 0, reason: "window" };
    const [waitMs, reason]: [number, WaitReason] = free > take
      ? [share.waitMs, "turn"]
      : [ready.at - now + (take > 0 ? others : ahead) * STEP_MS, ready.reason];
    return { take, waitMs: Math.min(waitMs, LONGEST_LOOK_MS), reason };
  }

  #brake(): Brake {
    const { brake } = this.#ring;
    if (this.#ownPauseUntil <= brake.pauseUntil) return brake;
    return { ...brake, pauseUntil: this.#ownPauseUntil };
  }

  #unregister(others: number): void {
    this.#ring.turns.leave();
    this.#ring.head.waiting = others > 0;
    this.#registered = false;
  }

  /** @inheritDoc */
  forecast(place: number): number {
    this.#clock.tick();
    const { now } = this.#clock;
    const { at } = readyAt(this.#ring.log, this.#spans, now, this.#brake(), place);
    return Math.max(0, at - now);
  }

  /**
   * Does nothing: a claim of this home is answered at once, so that slots hardly ever come back.
   */
  giveBack(): void {}

  /** @inheritDoc */
  async move(stamp: Stamp): Promise<void> {
    await this.#locked(() => {
      this.#ring.move(stamp as number);
      this.#ring.commit();
    });
  }

  /** @inheritDoc */
  leave(): void {
    // A missed lock costs nobody much: a line is void soon after the process promised to look.
    if (!this.#registered || !this.#ring.lock()) return;
    try {
      this.#unregister(this.#ring.turns.others(this.#clock.wall));
      this.#ring.commit();
    } finally {
      this.#ring.unlock();
    }
  }

  /** @inheritDoc */
  async pause(ms: number): Promise<void> {
    const lasts = Math.min(ms, LONGEST_PAUSE_MS);
    this.#clock.tick();
    this.#ownPauseUntil = lasts > 0 ? this.#clock.now + lasts : -Infinity;
    await this.#locked(() => {
      const { wall, now } = this.#clock;
      this.#ownPauseUntil = -Infinity;
      if (lasts > 0 && this.#ring.brake.pauseUntil >= now + lasts) return; // longer already
      this.#ring.head.pause = { from: wall, until: wall + lasts };
      this.#ring.commit();
    });
  }

  /** @inheritDoc */
  async pace(gapMs: number, forMs: number): Promise<void> {
    await this.#locked(() => {
      const { wall } = this.#clock;
      const lasts = Math.min(forMs, LONGEST_PAUSE_MS);
      this.#ring.head.pace = { gapMs, from: wall, until: wall + lasts };
      this.#ring.commit();
    });
  }

  /** @inheritDoc */
  async view(): Promise<HomeView> {
    return await this.#locked(() => {
      const { wall, now } = this.#clock;
      const log = this.#ring.log;
      const brake = this.#brake();
      const { at, reason } = readyAt(log, this.#spans, now, brake);
      return {
        used: this.#spans.map(({ spanMs }) => log.countAfter(now - spanMs)),
        nextFreeMs: Math.max(0, at - now),
        reason,
        pausedMs: Math.max(0, brake.pauseUntil - now),
        gapMs: brake.gapUntil > now ? brake.gapMs : 0,
        waitingElsewhere: this.#ring.turns.others(wall),
      };
    });
  }

  /** @inheritDoc */
  close(): void {
    this.leave();
    this.#ring[Symbol.dispose]();
  }

  async #locked<T>(fn: () => T): Promise<T> {
    while (!this.#ring.lock()) await this.#sleep(missedLockMs());
    try {
      return fn();
    } finally {
      this.#ring.unlock();
    }
  }
}
