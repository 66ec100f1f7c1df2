/**
 * Outputs of a cell, collected from the messages that a kernel publishes, in nbformat's form
 * (https://nbformat.readthedocs.io/en/latest/format_description.html#code-cell-outputs). The rules
 * are nbclient's, except that pieces of one stream are joined.
 *
 * @module
 */

import type { JsonObject, Message } from "./messages.ts";

/** MIME types and the data for each. */
export type MimeBundle = Record<string, unknown>;

/** Text that was written to a stream. */
export interface StreamOutput {
  /** The nbformat type. */
  output_type: "stream";
  /** Which stream. */
  name: "stdout" | "stderr";
  /** The text, whole. */
  text: string;
}

/** Something that was displayed. */
export interface DisplayOutput {
  /** The nbformat type. */
  output_type: "display_data";
  /** What it looks like in each MIME type. */
  data: MimeBundle;
  /** Metadata per MIME type. */
  metadata: JsonObject;
}

/** The value of the cell's last expression. */
export interface ResultOutput {
  /** The nbformat type. */
  output_type: "execute_result";
  /** The number of the execution. */
  execution_count: number | null;
  /** What it looks like in each MIME type. */
  data: MimeBundle;
  /** Metadata per MIME type. */
  metadata: JsonObject;
}

/** An error that the cell did not catch. */
export interface ErrorOutput {
  /** The nbformat type. */
  output_type: "error";
  /** Name of the error. */
  ename: string;
  /** Its message. */
  evalue: string;
  /** Lines of its stack. */
  traceback: string[];
}

/** One output of a cell. */
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

/** Outputs that can still change, by `display_id`; shared by all cells of one kernel. */
export type Displays = Map<string, Set<DisplayOutput | ResultOutput>>;

function text(value: unknown): string {
  return typeof value === "string" ? value : String(value ?? "");
}

function object(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? value as JsonObject : {};
}

/** Collects the outputs of one cell; its `outputs` stay current when a later cell updates one. */
export class OutputCollector {
  readonly #displays: Displays;
  #clearFirst = false;
  /** The outputs so far, in nbformat's form. */
  readonly outputs: Output[] = [];
  /** Number of the execution, once the kernel has said it. */
  executionCount: number | null = null;

  /**
   * Makes an empty collector.
   *
   * @param displays Outputs of the same kernel that carry a `display_id`.
   */
  constructor(displays: Displays = new Map()) {
    this.#displays = displays;
  }

  /**
   * Takes in one published message. Messages that are no output change nothing.
   *
   * @param message The message.
   */
  take({ header, content }: Pick<Message, "header" | "content">): void {
    if (typeof content.execution_count === "number") this.executionCount = content.execution_count;
    switch (header.msg_type) {
      case "stream":
        return this.#stream(content.name === "stderr" ? "stderr" : "stdout", text(content.text));
      case "display_data":
        return this.#display({
          output_type: "display_data",
          data: object(content.data),
          metadata: object(content.metadata),
        }, content);
      case "execute_result":
        return this.#display({
          output_type: "execute_result",
          execution_count: this.executionCount,
          data: object(content.data),
          metadata: object(content.metadata),
        }, content);
      case "update_display_data":
        return void this.#update(content);
      case "error":
        return this.#add({
          output_type: "error",
          ename: text(content.ename),
          evalue: text(content.evalue),
          traceback: Array.isArray(content.traceback) ? content.traceback.map(text) : [],
        });
      case "clear_output":
        if (content.wait === true) this.#clearFirst = true;
        else this.#clear();
    }
  }

  #clear(): void {
    for (const output of this.outputs) {
      for (const shown of this.#displays.values()) shown.delete(output as DisplayOutput);
    }
    this.outputs.length = 0;
    this.#clearFirst = false;
  }

  #add(output: Output): void {
    if (this.#clearFirst) this.#clear();
    this.outputs.push(output);
  }

  #stream(name: "stdout" | "stderr", piece: string): void {
    const last = this.#clearFirst ? undefined : this.outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += piece;
    else this.#add({ output_type: "stream", name, text: piece });
  }

  #display(output: DisplayOutput | ResultOutput, content: JsonObject): void {
    const id = this.#update(content);
    this.#add(output);
    if (id === undefined) return;
    const shown = this.#displays.get(id) ?? new Set();
    this.#displays.set(id, shown.add(output));
  }

  /** Changes every output that carries the message's `display_id`, in whichever cell it is. */
  #update(content: JsonObject): string | undefined {
    const id = object(content.transient).display_id;
    if (typeof id !== "string") return undefined;
    for (const output of this.#displays.get(id) ?? []) {
      // Copies: two outputs may not share one object.
      output.data = structuredClone(object(content.data));
      output.metadata = structuredClone(object(content.metadata));
    }
    return id;
  }
}

/**
 * The plain text of outputs, for tests and terminals: streams, `text/plain` of displays and
 * results, name and message of errors.
 *
 * @param outputs The outputs.
 * @returns Their text, one after the other.
 */
export function outputText(outputs: readonly Output[]): string {
  return outputs.map((output) => {
    if (output.output_type === "stream") return output.text;
    if (output.output_type === "error") return `${output.ename}: ${output.evalue}\n`;
    const { data } = output;
    return `${text(data["text/plain"] ?? data["text/markdown"] ?? data["text/html"] ?? "")}\n`;
  }).join("");
}
