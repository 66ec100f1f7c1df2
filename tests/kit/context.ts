import type { SourceContext } from "../../src/token/source.ts";

/** What a source under test works with, and what it told on the way. */
export interface RecordedContext extends SourceContext {
  /** The notices, in order. */
  readonly notices: string[];
  /** What was given to the output mask. */
  readonly protectedValues: string[];
}

/** A context for a source under test: no person, a made-up environment, real sockets. */
export function sourceContext(
  env: Record<string, string> = {},
  more: Partial<SourceContext> = {},
): RecordedContext {
  const notices: string[] = [];
  const protectedValues: string[] = [];
  return {
    env: (name) => env[name],
    cwd: () => "/",
    fetch: globalThis.fetch,
    now: Date.now,
    person: null,
    notice: (sentence) => void notices.push(sentence),
    record: () => Promise.resolve(),
    protect: (value) => void protectedValues.push(value),
    notices,
    protectedValues,
    ...more,
  };
}
