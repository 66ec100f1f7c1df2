/**
 * One output of a cell that can be replaced while it grows.
 *
 * @module
 */

import type { MimeBundle } from "../outputs.ts";

/** How a notebook displays; the part of `Deno.jupyter` that is used. */
export interface Displayer {
  /** Displays a bundle, or replaces the one with the same `display_id`. */
  display(bundle: unknown, options: Record<string, unknown>): Promise<void>;
}

/** An output that is displayed when there is something to show, and replaced after that. */
export class LiveOutput {
  readonly #displayer: Displayer;
  readonly #id: string = crypto.randomUUID();
  readonly #everyMs: number;
  #shown = false;
  #next: (() => MimeBundle) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = -Infinity;

  /**
   * Makes an output; nothing is displayed yet.
   *
   * @param displayer Where.
   * @param everyMs How often it is replaced at most, in milliseconds: each time the whole content
   * is
   *   sent, so a stream of tokens would otherwise cost with the square of its length.
   */
  constructor(displayer: Displayer, everyMs: number) {
    this.#displayer = displayer;
    this.#everyMs = everyMs;
  }

  /**
   * Shows something soon: at once when the last time is long enough ago.
   *
   * @param make Makes what is to be shown, when it is.
   */
  soon(make: () => MimeBundle): void {
    this.#next = make;
    if (this.#timer !== undefined) return;
    const wait = this.#last + this.#everyMs - performance.now();
    if (wait <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#next !== undefined) this.now(this.#next()).catch(() => {});
  }

  /**
   * Shows something at once; what was still to be shown is dropped.
   *
   * @param bundle What it looks like.
   */
  async now(bundle: MimeBundle): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = this.#next = undefined;
    this.#last = performance.now();
    const update = this.#shown;
    this.#shown = true;
    await this.#displayer.display(bundle, { raw: true, update, display_id: this.#id });
  }

  /** Whether anything was shown. */
  get shown(): boolean {
    return this.#shown;
  }
}
