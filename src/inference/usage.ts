/**
 * Tokens used, as an answer reports them.
 *
 * @module
 */

/** Tokens used by one call. */
export interface Usage {
  /** Tokens read. */
  readonly inputTokens: number;
  /** Tokens written. */
  readonly outputTokens: number;
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/**
 * Reads the tokens used from a parsed answer or event: `usage` with `prompt_tokens` and
 * `completion_tokens` (chat and text completion, embeddings) or `input_tokens` and `output_tokens`
 * (responses, where it is inside `response`).
 *
 * @param answer The parsed JSON.
 * @returns The tokens, or undefined where the answer does not say.
 */
export function readUsage(answer: unknown): Usage | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { usage, response } = answer as { usage?: unknown; response?: unknown };
  if (typeof usage !== "object" || usage === null) {
    return response === undefined ? undefined : readUsage(response);
  }
  const fields = usage as Record<string, unknown>;
  const input = count(fields["prompt_tokens"]) ?? count(fields["input_tokens"]);
  const output = count(fields["completion_tokens"]) ?? count(fields["output_tokens"]);
  if (input === undefined && output === undefined) return undefined;
  return { inputTokens: input ?? 0, outputTokens: output ?? 0 };
}
