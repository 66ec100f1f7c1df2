/**
 * How a cell is executed, and what comes of it.
 *
 * @module
 */

import type { Message } from "./messages.ts";
import type { Output } from "./outputs.ts";

/** A question of a cell (`prompt`, `confirm`). */
export interface InputRequest {
  /** The question. */
  readonly prompt: string;
  /** Whether the answer must not be shown. */
  readonly password: boolean;
}

/** How a cell is executed. */
export interface ExecuteOptions {
  /**
   * Answers questions; null means no answer. Default: none, `allow_stdin` is false and a `prompt`
   * returns null at once.
   */
  readonly input?: (request: InputRequest) => string | null | Promise<string | null>;
  /** After how many milliseconds the cell is interrupted. Default: never. */
  readonly timeoutMs?: number;
  /**
   * How long an interrupted cell may take to end before the kernel is killed, in milliseconds. A
   * pending `await` cannot be interrupted in the Deno kernel, so this happens. Default: 2000.
   */
  readonly graceMs?: number;
  /** Interrupts the cell when aborted. */
  readonly signal?: AbortSignal;
  /** Called for each message that is published for this cell, as it comes. */
  readonly onMessage?: (message: Message) => void;
}

/** How the execution of a cell ended. */
export type ExecuteStatus = "ok" | "error" | "timeout" | "interrupted" | "dead";

/** What came of executing a cell. */
export interface ExecuteResult {
  /** How it ended; `"timeout"` and `"interrupted"` may have ended the kernel too, `"dead"` has. */
  readonly status: ExecuteStatus;
  /** Number of the execution, or null when the kernel never said it. */
  readonly executionCount: number | null;
  /** The outputs, live: a later cell may still update one. */
  readonly outputs: Output[];
  /** Name, message and stack of the error when the status is `"error"`. */
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string };
}
