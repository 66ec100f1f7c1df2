/**
 * A process's share of a shared limit while its store is down: of what the window still has room
 * for, as far as this process knew when it last heard from the store, one part in `instances`. If
 * every process keeps to that, calls since then and before then never fill more than one window.
 *
 * @module
 */

import type { Claim, Stamp } from "./home.ts";
import type { Span } from "./window.ts";

/** A share of a limit, on this process's steady clock. */
export class LocalShare {
  readonly #spans: readonly Span[];
  readonly #instances: number;
  /** Calls that the store had recorded, of everybody. */
  #known: readonly number[] = [];
  /** Calls made since, of this process. */
  #own: number[] = [];
  #pauseUntil = -Infinity;

  /**
   * Creates an unused share.
   *
   * @param spans The windows with their guards.
   * @param instances Among how many processes the limit is divided.
   */
  constructor(spans: readonly Span[], instances: number) {
    this.#spans = spans;
    this.#instances = instances;
  }

  /** Times of the calls made since the store was last heard. */
  get own(): readonly number[] {
    return this.#own;
  }

  /**
   * Is told what the store had recorded; forgets its own calls, which the store then knows.
   *
   * @param known Times of calls, of everybody.
   * @param pauseUntil End of the shared pause.
   */
  begin(known: readonly number[], pauseUntil: number): void {
    this.#known = known;
    this.#own = [];
    this.#pauseUntil = pauseUntil;
  }

  /**
   * Pauses this process.
   *
   * @param until Its end; `-Infinity` ends a pause.
   */
  pause(until: number): void {
    this.#pauseUntil = until === -Infinity ? until : Math.max(this.#pauseUntil, until);
  }

  /**
   * When the next call is free.
   *
   * @param now The steady clock.
   * @returns A time at or before now where it is free.
   */
  readyAt(now: number): number {
    let at = this.#pauseUntil;
    for (const span of this.#spans) at = Math.max(at, this.#readyIn(span, now));
    return at;
  }

  /**
   * Takes up to `wanted` calls.
   *
   * @param wanted How many calls wait.
   * @param now The steady clock.
   */
  claim(wanted: number, now: number): Claim {
    const longest = Math.max(...this.#spans.map(({ spanMs }) => spanMs));
    this.#own = this.#own.filter((time) => time > now - longest);
    let granted = 0;
    while (granted < wanted && this.readyAt(now) <= now) {
      this.#own.push(now);
      granted++;
    }
    const at = granted < wanted ? this.readyAt(now) : now;
    return {
      granted,
      stamps: new Array<Stamp>(granted).fill(now),
      waitMs: Math.max(0, at - now),
      reason: at === Infinity ? "store" : at === this.#pauseUntil ? "pause" : "window",
    };
  }

  /**
   * Takes calls back that were never sent.
   *
   * @param count How many.
   */
  giveBack(count: number): void {
    this.#own.length = Math.max(0, this.#own.length - count);
  }

  /**
   * Puts the present time in place of a call's.
   *
   * @param stamp The call's time; where it is none of these, the present one is added.
   * @param now The steady clock.
   */
  move(stamp: Stamp, now: number): void {
    const place = this.#own.lastIndexOf(stamp as number);
    if (place >= 0) this.#own.splice(place, 1);
    this.#own.push(now);
  }

  #readyIn({ limit, spanMs }: Span, now: number): number {
    if (limit < this.#instances) return Infinity; // a share of less than one call is none
    const used = this.#own.filter((time) => time > now - spanMs).length;
    // One more of ours needs room for one more of everybody else's.
    const room = this.#room(limit - (used + 1) * this.#instances, spanMs, now);
    const share = Math.floor(limit / this.#instances);
    const turn = used < share ? now : this.#own.at(-share)! + spanMs;
    return Math.max(room, turn);
  }

  /** When at most `most` of the known calls are left in the window. */
  #room(most: number, spanMs: number, now: number): number {
    if (most < 0) return now; // the share alone holds
    const left = this.#known.filter((time) => time > now - spanMs).toSorted((a, b) => b - a);
    return left.length <= most ? now : left[most]! + spanMs;
  }
}
