/**
 * Messages of the Jupyter wire protocol 5.3: signed when they leave, checked when they arrive
 * (https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol).
 *
 * @module
 */

/** A JSON object. */
export type JsonObject = Record<string, unknown>;

/** The header of a message: what it is, who sent it, in which session. */
export interface MessageHeader {
  /** Unique identifier of the message. */
  readonly msg_id: string;
  /** What the message is, such as `"execute_request"`. */
  readonly msg_type: string;
  /** Identifier of the sender's session. */
  readonly session: string;
  /** Name of the sender; of no meaning here. */
  readonly username: string;
  /** When the message was made, ISO 8601. */
  readonly date: string;
  /** Version of the protocol. */
  readonly version: string;
}

/** One message, in either direction. */
export interface Message {
  /** The message's own header. */
  readonly header: MessageHeader;
  /** Header of the message that caused this one; empty when nothing did. */
  readonly parentHeader: Partial<MessageHeader>;
  /** Metadata; the Deno kernel leaves it empty. */
  readonly metadata: JsonObject;
  /** What the message says; its shape follows from the type. */
  readonly content: JsonObject;
  /** Binary attachments, outside the signature as the protocol has it. */
  readonly buffers: readonly Uint8Array[];
}

const DELIMITER = "<IDS|MSG>";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Signs and checks messages with one key, HMAC-SHA256 over the four JSON parts as they are on the
 * wire.
 */
export class MessageCodec {
  readonly #key: string;
  readonly #session: string = crypto.randomUUID();
  readonly #hmac: typeof import("node:crypto").createHmac;
  readonly #equal: typeof import("node:crypto").timingSafeEqual;

  private constructor(key: string, crypto: typeof import("node:crypto")) {
    this.#key = key;
    this.#hmac = crypto.createHmac;
    this.#equal = crypto.timingSafeEqual;
  }

  /**
   * Makes a codec.
   *
   * @param key The connection's key.
   * @returns The codec, with a session identifier of its own.
   */
  static async create(key: string): Promise<MessageCodec> {
    return new MessageCodec(key, await import("node:crypto"));
  }

  #sign(parts: readonly Uint8Array[]): string {
    const hmac = this.#hmac("sha256", this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  /**
   * A new message of this session.
   *
   * @param type Its type.
   * @param content What it says.
   * @param parentHeader Header of the message it answers.
   * @returns The message.
   */
  message(type: string, content: JsonObject, parentHeader: Partial<MessageHeader> = {}): Message {
    const header = {
      msg_id: crypto.randomUUID(),
      msg_type: type,
      session: this.#session,
      username: "hushbook",
      date: new Date().toISOString(),
      version: "5.3",
    };
    return { header, parentHeader, metadata: {}, content, buffers: [] };
  }

  /**
   * The frames of a message.
   *
   * @param message The message.
   * @returns Delimiter, signature, the four JSON parts, buffers.
   */
  encode(message: Message): Uint8Array[] {
    const { header, parentHeader, metadata, content } = message;
    const parts = [header, parentHeader, metadata, content]
      .map((part) => encoder.encode(JSON.stringify(part)));
    return [
      encoder.encode(DELIMITER),
      encoder.encode(this.#sign(parts)),
      ...parts,
      ...message.buffers,
    ];
  }

  /**
   * The message that frames hold.
   *
   * @param frames Frames as they came, routing identities or a topic first.
   * @returns The message, or null when the signature is wrong or the frames are no message: such
   *   frames come from someone who does not know the key, so they are dropped.
   */
  decode(frames: readonly Uint8Array[]): Message | null {
    const start = frames.findIndex((frame) =>
      frame.length === DELIMITER.length && decoder.decode(frame) === DELIMITER
    );
    const parts = frames.slice(start + 2, start + 6);
    if (start < 0 || parts.length < 4) return null;
    const given = frames[start + 1]!;
    const wanted = encoder.encode(this.#sign(parts));
    if (given.length !== wanted.length || !this.#equal(given, wanted)) return null;
    try {
      const [header, parentHeader, metadata, content] = parts
        .map((part) => JSON.parse(decoder.decode(part)));
      return { header, parentHeader, metadata, content, buffers: frames.slice(start + 6) };
    } catch {
      return null;
    }
  }
}
