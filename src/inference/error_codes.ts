/**
 * The codes by which servers name what is wrong with a request, each with what to do about it. Only
 * codes and parameter names on these lists are repeated to a person; everything else a server says
 * in an error may be the prompt.
 *
 * @module
 */

/** What a code of a server's means for the person. */
const advice: Readonly<Record<string, string>> = {
  model_not_supported: "no provider that you have switched on serves this model; see " +
    "https://huggingface.co/settings/inference-providers, or name another model",
  model_not_found: "there is no such model; check its name",
  context_length_exceeded:
    "the prompt and the answer are longer than the model can handle; shorten " +
    "the prompt or lower max_tokens",
  string_above_max_length: "a text is longer than allowed; shorten it",
  unsupported_parameter: "the model or provider does not know one of the parameters; leave it out",
  unsupported_value: "the model or provider does not allow the value of a parameter",
  invalid_value: "the value of a parameter is not allowed",
  missing_required_parameter: "a parameter is missing",
  invalid_type: "a parameter has the wrong type",
  content_filter: "the provider's content filter stopped it",
  content_policy_violation: "the provider's content filter stopped it",
  insufficient_quota: "the credits are used up; see https://huggingface.co/settings/billing",
  validation: "the length of the prompt or a parameter is not allowed",
  overloaded: "the server has too much to do",
};

/** Names of parameters, as a server may name the one that is wrong. */
const parameters: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "prompt",
  "inputs",
  "max_tokens",
  "max_completion_tokens",
  "max_new_tokens",
  "temperature",
  "top_p",
  "top_k",
  "n",
  "stop",
  "seed",
  "tools",
  "tool_choice",
  "response_format",
  "logprobs",
  "top_logprobs",
  "logit_bias",
  "frequency_penalty",
  "presence_penalty",
  "repetition_penalty",
  "stream",
  "stream_options",
  "size",
  "width",
  "height",
  "guidance_scale",
  "num_inference_steps",
]);

/** What a server's error says, as far as it may be repeated. */
export interface KnownError {
  /** The code. */
  readonly code: string;
  /** What to do about it. */
  readonly advice: string;
}

/**
 * Reads the code of an error: `error.code` or `error.type` (OpenAI's form), `error_type` (text
 * generation inference), `code`.
 *
 * @param body The parsed JSON of the error.
 * @returns A code that is on the list, with the parameter's name where one on the list is given; or
 * undefined.
 */
export function readErrorCode(body: unknown): KnownError | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const outer = body as Record<string, unknown>;
  const inner = typeof outer["error"] === "object" && outer["error"] !== null
    ? outer["error"] as Record<string, unknown>
    : outer;
  for (const code of [inner["code"], inner["type"], outer["error_type"]]) {
    if (typeof code !== "string" || !Object.hasOwn(advice, code)) continue;
    const { param } = inner;
    const named = typeof param === "string" && parameters.has(param) ? ` (${param})` : "";
    return { code, advice: advice[code]! + named };
  }
  return undefined;
}
