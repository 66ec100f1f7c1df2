/**
 * What the stand-in's models answer: small, fixed, valid replies in the wire formats of the
 * router's tasks (chat completion, images, speech, embeddings, classification).
 *
 * @module
 */

/** A request to a chat or text completion, as far as the stand-in reads it. */
export interface CompletionRequest {
  /** The model's name. */
  readonly model?: string;
  /** The conversation, for chat. */
  readonly messages?: readonly { role: string; content: unknown }[];
  /** The text to go on from, for text completion. */
  readonly prompt?: string;
  /** Whether the reply should come as server-sent events. */
  readonly stream?: boolean;
  /** Whether a stream ends with an event that holds the tokens used. */
  readonly stream_options?: { readonly include_usage?: boolean };
}

/** The words a chat model of the stand-in says, as Markdown, in the pieces it streams them in. */
export const replyPieces: readonly string[] = [
  "**Hello** from a model ",
  "on this machine.\n\n",
  "- no account\n",
  "- no network\n",
  "- no token in sight\n",
];

const created = 1_767_225_600; // 2026-01-01, fixed so that replies can be compared

/** Tokens used, as every reply of the stand-in reports them. */
export const replyUsage = { prompt_tokens: 11, completion_tokens: 22, total_tokens: 33 } as const;

/**
 * A whole chat completion.
 *
 * @param request What was asked.
 * @returns The JSON reply.
 */
export function chatReply(request: CompletionRequest): Record<string, unknown> {
  return {
    id: "chatcmpl-stand-in",
    object: "chat.completion",
    created,
    model: request.model ?? "stand-in/chat",
    system_fingerprint: "stand-in",
    choices: [{
      index: 0,
      message: { role: "assistant", content: replyPieces.join("") },
      finish_reason: "stop",
      logprobs: null,
    }],
    usage: replyUsage,
  };
}

/**
 * A whole text completion.
 *
 * @param request What was asked.
 * @returns The JSON reply.
 */
export function textReply(request: CompletionRequest): Record<string, unknown> {
  return {
    id: "cmpl-stand-in",
    object: "text_completion",
    created,
    model: request.model ?? "stand-in/text",
    choices: [{ index: 0, text: replyPieces.join(""), finish_reason: "stop", logprobs: null }],
    usage: replyUsage,
  };
}

/**
 * The events of a streamed chat completion, `[DONE]` included.
 *
 * @param request What was asked; `stream_options.include_usage` adds the event with the tokens
 * used.
 * @returns One `data:` event per element, each ending in an empty line.
 */
export function chatEvents(request: CompletionRequest): string[] {
  const head = {
    id: "chatcmpl-stand-in",
    object: "chat.completion.chunk",
    created,
    model: request.model ?? "stand-in/chat",
    system_fingerprint: "stand-in",
  };
  const chunks: Record<string, unknown>[] = replyPieces.map((content, index) => ({
    ...head,
    choices: [{
      index: 0,
      delta: index === 0 ? { role: "assistant", content } : { content },
      finish_reason: null,
      logprobs: null,
    }],
  }));
  chunks.push({ ...head, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  if (request.stream_options?.include_usage) {
    chunks.push({ ...head, choices: [], usage: replyUsage });
  }
  return [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), "data: [DONE]\n\n"];
}

/** A PNG of a blue square, 64 pixels wide (87 bytes). */
export const picture: Uint8Array<ArrayBuffer> = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQMAAACQp+OdAAAAA1BMVEUwYNBgP2E5AAAAD0lEQVR42mNgGAWjgHwAAAJAAAHgTR1EAAAAAElFTkSuQmCC",
);

/** A WAV file of a tenth of a second of silence: 8 kHz, 8 bit, mono. */
export function silence(): Uint8Array<ArrayBuffer> {
  const samples = 800;
  const bytes = new Uint8Array(44 + samples).fill(128, 44);
  const view = new DataView(bytes.buffer);
  new TextEncoder().encodeInto("RIFF....WAVEfmt ", bytes);
  view.setUint32(4, 36 + samples, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, 8000, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  new TextEncoder().encodeInto("data", bytes.subarray(36));
  view.setUint32(40, samples, true);
  return bytes;
}

/**
 * The reply of a task that is neither chat nor text completion.
 *
 * @param task The task as the Hub names it.
 * @returns The reply.
 */
export function taskReply(task: string): Response {
  switch (task) {
    case "text-to-image":
      return new Response(picture, { headers: { "content-type": "image/png" } });
    case "text-to-speech":
      return new Response(silence(), { headers: { "content-type": "audio/wav" } });
    case "automatic-speech-recognition":
      return Response.json({ text: "hello from this machine" });
    case "feature-extraction":
      return Response.json([[0.125, -0.25, 0.5, 1]]);
    case "text-classification":
      return Response.json([[{ label: "POSITIVE", score: 0.98 }, {
        label: "NEGATIVE",
        score: 0.02,
      }]]);
    case "image-classification":
      return Response.json([{ label: "blue", score: 0.9 }, { label: "pixel", score: 0.1 }]);
    default:
      return Response.json({ error: `Task ${task} is not part of the stand-in` }, { status: 404 });
  }
}
