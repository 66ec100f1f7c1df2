/**
 * Reading git objects through one `git cat-file --batch`.
 *
 * @module
 */

import { GitError } from "../errors.ts";
import { asTheyAre, type GitOptions, startGit } from "./run.ts";

/** What an object is, said before its content. */
export interface ObjectHead {
  /** Its id. */
  readonly id: string;
  /** Its type. */
  readonly type: "blob" | "commit" | "tag" | "tree";
  /** The length of its content in bytes. */
  readonly size: number;
}

/** Where the answers of `git cat-file --batch` come from. */
export interface ObjectSource extends AsyncDisposable {
  /** Sends names, each with a line end. */
  ask(lines: string): Promise<void>;
  /** Says that nothing else will be asked. */
  endAsking(): Promise<void>;
  /** The next bytes of the answers, valid until the next call; undefined at the end. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Waits for the end of git, and throws a GitError if it fails. */
  finish(): Promise<void>;
}

/** Starts git. Objects are read as they are, not as `git replace` shows them. */
function startReading(options?: GitOptions): ObjectSource {
  const git = startGit(["cat-file", "--batch"], asTheyAre(options));
  const answers = git.stdout.getReader();
  return {
    ask: (lines) => git.write(lines),
    endAsking: () => git.closeInput(),
    read: async () => (await answers.read()).value,
    finish: () => git.finish(),
    async [Symbol.asyncDispose]() {
      answers.releaseLock();
      await git[Symbol.asyncDispose]();
    },
  };
}

const NEWLINE = 0x0a;

/**
 * Reads objects in the order in which they are asked for. Asking and reading go on side by side:
 * never await {@link ObjectReader.ask} before reading, or both pipes may fill up.
 */
export class ObjectReader implements AsyncDisposable {
  readonly #source: ObjectSource;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #start = 0;

  /**
   * Prepares to read.
   *
   * @param options Folder and environment.
   * @param source Where objects come from. Default: git, which is started.
   */
  constructor(options?: GitOptions, source: ObjectSource = startReading(options)) {
    this.#source = source;
  }

  /**
   * Asks for objects.
   *
   * @param names Ids, or other names of an object without a line end, such as `:hushbook.json`.
   * @param last Whether nothing else will be asked for.
   */
  async ask(names: readonly string[], last = false): Promise<void> {
    for (let from = 0; from < names.length; from += 1000) {
      await this.#source.ask(names.slice(from, from + 1000).join("\n") + "\n");
    }
    if (last) await this.#source.endAsking();
  }

  /**
   * Goes to the next object.
   *
   * @returns What it is, or null if there is no such object. Its content must be read before the
   * next call, by {@link ObjectReader.bytes}, {@link ObjectReader.pieces} or {@link ObjectReader.skip}.
   * @throws {GitError} If git ended, or an object is damaged.
   */
  async next(): Promise<ObjectHead | null> {
    let end = this.#buffer.indexOf(NEWLINE, this.#start);
    while (end < 0) {
      await this.#more();
      end = this.#buffer.indexOf(NEWLINE, this.#start);
    }
    const line = new TextDecoder().decode(this.#buffer.subarray(this.#start, end));
    this.#start = end + 1;
    const found = /^([0-9a-f]{40,64}) (blob|commit|tag|tree) (\d+)$/u.exec(line);
    if (found === null) return null;
    return { id: found[1]!, type: found[2] as ObjectHead["type"], size: Number(found[3]) };
  }

  /**
   * Goes to the next object, which must be there.
   *
   * @param id The id that was asked for.
   * @returns What it is.
   * @throws {GitError} If there is no such object, or as {@link ObjectReader.next}.
   */
  async head(id: string): Promise<ObjectHead> {
    const head = await this.next();
    if (head?.id === id) return head;
    throw new GitError(
      "git-failed",
      `Cannot read the object ${id}: it is missing from this repository; run git fsck`,
    );
  }

  /**
   * The content of the object just named by {@link ObjectReader.next}, whole.
   *
   * @param head What `next` answered.
   * @returns The content; it stays valid.
   */
  async bytes(head: ObjectHead): Promise<Uint8Array<ArrayBuffer>> {
    const content = new Uint8Array(head.size);
    let filled = 0;
    for await (const piece of this.pieces(head)) {
      content.set(piece, filled);
      filled += piece.length;
    }
    return content;
  }

  /**
   * The content of the object just named by {@link ObjectReader.next}, as it arrives.
   *
   * @param head What `next` answered.
   * @returns Pieces, each valid until the next one is asked for.
   */
  async *pieces(head: ObjectHead): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let left = head.size;
    while (left > 0) {
      if (this.#start === this.#buffer.length) await this.#more();
      const piece = this.#buffer.subarray(this.#start, this.#start + left);
      this.#start += piece.length;
      left -= piece.length;
      yield piece;
    }
    while (this.#start === this.#buffer.length) await this.#more();
    this.#start++; // The line end after the content.
  }

  /**
   * Passes over the content of the object just named by {@link ObjectReader.next}.
   *
   * @param head What `next` answered.
   */
  async skip(head: ObjectHead): Promise<void> {
    for await (const _ of this.pieces(head));
  }

  /**
   * Waits for the end of git.
   *
   * @throws {GitError} If it fails.
   */
  async finish(): Promise<void> {
    await this.#source.finish();
  }

  /** Ends git, whatever it is doing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source[Symbol.asyncDispose]();
  }

  async #more(): Promise<void> {
    const value = await this.#source.read();
    if (value === undefined) {
      await this.#source.finish();
      throw new GitError("git-failed", "Cannot read an object: git cat-file ended too early");
    }
    if (this.#start === this.#buffer.length) {
      this.#buffer = value;
    } else {
      const rest = this.#buffer.subarray(this.#start);
      const joined = new Uint8Array(rest.length + value.length);
      joined.set(rest);
      joined.set(value, rest.length);
      this.#buffer = joined;
    }
    this.#start = 0;
  }
}
