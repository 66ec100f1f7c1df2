/**
 * The line a person is typing: from what a terminal sends to what was meant. Pure, so that each key
 * is a test.
 *
 * @module
 */

/** What the typed line came to. */
export type LineEnd = "entered" | "declined" | "interrupted";

/** More than any token or passphrase, in code points; a longer line is refused, not cut. */
export const LONGEST_LINE = 8_192;

type Mode = "text" | "escape" | "csi" | "ss3" | "string" | "string-escape";

/** Keys of a terminal in raw mode (ECMA-48 and the control characters of ISO 646). */
const ENTER = new Set(["\r", "\n"]);
const INTERRUPT = new Set(["\x03", "\x1c"]); // Ctrl-C, Ctrl-\
const END = "\x04"; // Ctrl-D
const ERASE = new Set(["\x7f", "\b"]); // Backspace, Ctrl-H
const ERASE_WORD = "\x17"; // Ctrl-W
const ERASE_LINE = "\x15"; // Ctrl-U
const ESCAPE = "\x1b";

/**
 * A line being typed. Arrow and function keys are dropped, bracketed paste is unwrapped (line ends
 * inside it are text), deletion is by code point, and bytes that split a character are put
 * together.
 */
export class TypedLine {
  readonly #decoder = new TextDecoder();
  #characters: string[] = [];
  #mode: Mode = "text";
  #sequence = "";
  #pasting = false;
  #tooLong = false;

  /** What has been typed so far. */
  get text(): string {
    return this.#characters.join("");
  }

  /** Whether more than {@link LONGEST_LINE} code points came; the text is then not whole. */
  get tooLong(): boolean {
    return this.#tooLong;
  }

  /**
   * Takes what the terminal sent. What follows the key that ended the line is dropped, as a
   * terminal's own line reader drops what was typed ahead of a password.
   *
   * @param bytes The bytes as they came, cut anywhere.
   * @returns How the line ended, or undefined while it goes on.
   */
  type(bytes: Uint8Array): LineEnd | undefined {
    for (const character of this.#decoder.decode(bytes, { stream: true })) {
      const end = this.#take(character);
      if (end !== undefined) return end;
    }
    return undefined;
  }

  #take(character: string): LineEnd | undefined {
    switch (this.#mode) {
      case "text":
        return this.#key(character);
      case "escape":
        this.#sequence = "";
        if (character === "[") this.#mode = "csi";
        else if (character === "O") this.#mode = "ss3";
        else if ("P]X^_".includes(character)) this.#mode = "string";
        else if (character !== ESCAPE) this.#mode = "text"; // Alt and a key
        return undefined;
      case "csi":
        this.#sequence += character;
        if (character >= "@" && character <= "~") this.#endOfSequence();
        return undefined;
      case "ss3":
        this.#mode = "text";
        return undefined;
      case "string": // a report of the terminal, ended by BEL or ESC \
        if (character === "\x07") this.#mode = "text";
        else if (character === ESCAPE) this.#mode = "string-escape";
        return undefined;
      case "string-escape":
        this.#mode = character === "\\" ? "text" : "string";
        return undefined;
    }
  }

  #endOfSequence(): void {
    if (this.#sequence === "200~") this.#pasting = true;
    if (this.#sequence === "201~") this.#pasting = false;
    this.#mode = "text";
  }

  #key(character: string): LineEnd | undefined {
    if (character === ESCAPE) {
      this.#mode = "escape";
      return undefined;
    }
    if (INTERRUPT.has(character)) return "interrupted";
    if (this.#pasting) {
      this.#add(character);
      return undefined;
    }
    if (ENTER.has(character)) return this.#characters.length === 0 ? "declined" : "entered";
    if (character === END) return this.#characters.length === 0 ? "declined" : undefined;
    if (ERASE.has(character)) this.#characters.pop();
    else if (character === ERASE_LINE) this.#characters = [];
    else if (character === ERASE_WORD) this.#eraseWord();
    else if (character >= " ") this.#add(character);
    return undefined;
  }

  #eraseWord(): void {
    while (this.#characters.at(-1) === " ") this.#characters.pop();
    while (this.#characters.length > 0 && this.#characters.at(-1) !== " ") this.#characters.pop();
  }

  #add(character: string): void {
    if (this.#characters.length < LONGEST_LINE) this.#characters.push(character);
    else this.#tooLong = true;
  }
}
