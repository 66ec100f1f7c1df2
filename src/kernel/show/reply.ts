/**
 * The text in what models answer: whole replies and pieces of streams, of `@huggingface/inference`
 * and of `openai`.
 *
 * @module
 */

type Fields = Record<string, unknown>;

function fields(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null ? value as Fields : undefined;
}

/** The content of a message: a text, or parts of which some are text. */
function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => String(fields(part)?.text ?? "")).join("");
}

/** A call of a tool, as a code block. */
function toolCalls(calls: unknown): string {
  if (!Array.isArray(calls)) return "";
  return calls.map((call) => {
    const { name, arguments: args } = fields(fields(call)?.function) ?? {};
    return name === undefined ? "" : `\n\n\`\`\`js\n${name}(${args ?? ""})\n\`\`\``;
  }).join("");
}

/** Fields in which tasks other than chat put their text. */
const TEXTS = ["generated_text", "summary_text", "translation_text", "answer", "output_text"];

/**
 * The text of a whole answer: a chat reply, a completion, or the result of a text task such as
 * summarization, question answering or transcription.
 *
 * @param value What a client returned.
 * @returns Markdown, or undefined when the value is no such answer.
 */
export function replyText(value: unknown): string | undefined {
  const reply = fields(value);
  if (reply === undefined) return undefined;
  if (Array.isArray(reply.choices) && reply.choices.length > 0) {
    const texts = reply.choices.map((choice) => {
      const message = fields(fields(choice)?.message);
      if (message === undefined) return String(fields(choice)?.text ?? "");
      return contentText(message.content ?? message.refusal) + toolCalls(message.tool_calls);
    });
    return texts.join("\n\n---\n\n");
  }
  if (fields(value) && "role" in reply && "content" in reply) return contentText(reply.content);
  for (const name of TEXTS) if (typeof reply[name] === "string") return reply[name];
  const keys = Object.keys(reply).filter((key) => key !== "chunks" && key !== "provider");
  return keys.length === 1 && typeof reply.text === "string" ? reply.text : undefined;
}

/**
 * The text that one piece of a stream adds.
 *
 * @param value A piece: text, a chat or completion chunk, a token of text generation, or an event
 * of
 *   OpenAI's responses.
 * @returns The text, empty when the piece adds none.
 */
export function pieceText(value: unknown): string {
  if (typeof value === "string") return value;
  const piece = fields(value);
  if (piece === undefined) return "";
  if (Array.isArray(piece.choices)) {
    const choice = fields(piece.choices[0]);
    const delta = fields(choice?.delta);
    return delta === undefined
      ? String(choice?.text ?? "")
      : contentText(delta.content ?? delta.refusal);
  }
  const token = fields(piece.token);
  if (token !== undefined) return token.special === true ? "" : String(token.text ?? "");
  const isDelta = piece.type === "response.output_text.delta" && typeof piece.delta === "string";
  return isDelta ? piece.delta as string : "";
}
