/**
 * The output mask: whatever the kernel sends to the notebook, registered secrets are replaced in it.
 *
 * This is defence in depth, not a sandbox: it keeps accidents out of the saved notebook. Code that
 * wants to show a token can. Not covered, and why:
 *
 * - Functions taken before the mask was installed (`const { log } = console`, `const { display } =
 *   Deno.jupyter` with a raw bundle): nobody can reach into a captured reference. Install it in the
 *   first cell. Results and displayed values of such a `display` are covered all the same.
 * - The source of cells: the front end saves what was typed, and the kernel never sees it again. The
 *   scan and the pre-commit hook are for that.
 * - Bytes and other spellings (a `Uint8Array` of the characters, hexadecimal, base64 of base64 or in
 *   lines shorter than itself, all upper or lower case, reversed text, text with a space, a
 *   tag, an entity or an invisible character inside, pictures of text): each would need patterns that
 *   innocent output matches too, or the whole output decoded.
 * - Pieces of fewer than 12 characters, and pieces of the middle. A token printed in three pieces of
 *   about 12, each by a call of its own, shows the one in the middle; in two it shows 11
 *   characters at most.
 * - The runtime's own `core.print`, frozen and out of reach; nothing but the runtime calls it, and a
 *   `Console` that the notebook makes with it.
 * - `Deno.stdout`, `process.stdout` and what child processes or workers write: the kernel does not put
 *   it into the notebook, only into its own log.
 * - What throws after its cell has ended (a timer, a microtask, an unhandled rejection): the kernel
 *   shows it nowhere, or ends.
 * - The answer to a `prompt` without `password: true`: the front end itself saves it.
 *
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { Secret } from "../../secret/secret.ts";
import { inKernel } from "../detect.ts";
import { environmentTokens, processEnvironment, removeVariable } from "./environment.ts";
import { type Hook, HookMissing, type HookName } from "./hook.ts";
import { hookConsole } from "./hooks/console.ts";
import { hookDisplay } from "./hooks/display.ts";
import { hookErrors } from "./hooks/errors.ts";
import { hookInspect } from "./hooks/inspect.ts";
import { findInternals, type Internals } from "./internals.ts";
import { registeredSecrets, registerSecret, SHORTEST_SECRET } from "./secrets.ts";

/** What to mask besides what is known already. */
export interface MaskOptions {
  /**
   * Further secrets, each of 8 characters or more. Default: none. The loaded token, and whatever looks
   * like a token in the environment, are always masked.
   */
  readonly secrets?: Iterable<string | Secret>;
  /**
   * Whether environment variables that hold a token are deleted from this process, so that child
   * processes and dumps of the environment lack them. Default: false.
   */
  readonly removeFromEnvironment?: boolean;
  /** Names and values to search for tokens. Default: the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told once when a part of the output is not covered. Default: `console.warn`. */
  readonly onWarning?: (warning: string) => void;
}

/** Whether one way of output is covered. */
export interface MaskHookStatus {
  /** Which hook. */
  readonly name: MaskHookName;
  /** What passes through it. */
  readonly covers: string;
  /** Whether it is in place now. */
  readonly inPlace: boolean;
  /** Why not, if it is not. */
  readonly reason?: string;
}

/** The hooks of the mask. */
export type MaskHookName = HookName;

/** What the mask covers now. */
export interface MaskStatus {
  /** Whether this is a notebook kernel; elsewhere there is nothing to hook. */
  readonly inKernel: boolean;
  /** Whether every hook is in place. */
  readonly complete: boolean;
  /** How many secrets are masked. */
  readonly secrets: number;
  /** Each hook; empty outside a kernel. */
  readonly hooks: readonly MaskHookStatus[];
}

/** The installed mask. */
export interface OutputMask {
  /**
   * Says what is covered now; a notebook may have replaced something since.
   *
   * @returns Each hook and whether it is in place.
   */
  status(): MaskStatus;
  /** Takes every hook out again. Registered secrets stay registered. */
  uninstall(): void;
}

/**
 * Looks at the mask without installing one.
 *
 * @returns What it covers now, or null if none is installed in this process.
 */
export function maskStatus(): MaskStatus | null {
  return holder[KEY] === undefined ? null : statusOf(holder[KEY]);
}

type Install = (internals: Internals) => Hook;

const HOOKS: Readonly<Record<HookName, { covers: string; install: Install }>> = {
  display: {
    covers: "results, displays and their updates, HTML, Markdown, SVG, raw bundles, questions",
    install: hookDisplay,
  },
  inspect: { covers: "values turned into text", install: hookInspect },
  console: { covers: "console and node:console", install: hookConsole },
  errors: { covers: "uncaught errors", install: hookErrors },
  input: { covers: "the text of prompt and confirm", install: requireInput },
};

function requireInput({ ops }: Internals): Hook {
  const input = ops?.op_jupyter_input;
  if (typeof input !== "function") {
    throw new HookMissing("the operation that asks questions is not where it was");
  }
  // The display hook has replaced it; this one only says so.
  return { inPlace: () => ops?.op_jupyter_input === input, uninstall() {} };
}

interface Installed {
  readonly hooks: ReadonlyMap<HookName, Hook | string>;
}

/** Shared by every copy of this module in the process, so that hooks are not put over hooks. */
const KEY = Symbol.for("hushbook.mask.1");
const holder = globalThis as { [KEY]?: Installed };

function install(): Installed {
  const internals = findInternals();
  const hooks = new Map<HookName, Hook | string>();
  for (const [name, { install }] of Object.entries(HOOKS) as [HookName, typeof HOOKS[HookName]][]) {
    try {
      if (internals === null && name === "console") hooks.set(name, hookConsole(null));
      else if (internals === null && name === "errors") hooks.set(name, hookErrors());
      else if (internals === null) {
        throw new HookMissing("the runtime's internals are out of reach");
      } else hooks.set(name, install(internals));
    } catch (error) {
      // Never a crash: the notebook must run, and the status says what is missing.
      hooks.set(name, error instanceof HookMissing ? error.message : "the runtime refused");
    }
  }
  return { hooks };
}

function statusOf(installed: Installed | undefined): MaskStatus {
  const kernel = inKernel();
  const hooks = !kernel ? [] : Object.entries(HOOKS).map(([key, { covers }]): MaskHookStatus => {
    const name = key as HookName;
    const hook = installed?.hooks.get(name) ?? "it is not installed";
    if (typeof hook === "string") return { name, covers, inPlace: false, reason: hook };
    if (hook.inPlace()) return { name, covers, inPlace: true };
    return { name, covers, inPlace: false, reason: "something else has taken its place since" };
  });
  return {
    inKernel: kernel,
    complete: hooks.length > 0 && hooks.every(({ inPlace }) => inPlace),
    secrets: registeredSecrets(),
    hooks,
  };
}

function registerAll(options: MaskOptions): void {
  for (const secret of options.secrets ?? []) {
    if (registerSecret(typeof secret === "string" ? secret : secret.reveal())) continue;
    throw new UsageError(
      `Cannot mask this secret: it has fewer than ${SHORTEST_SECRET} characters, so ordinary output ` +
        "would be masked too. Use a longer one",
    );
  }
  for (const { name, secrets } of environmentTokens(options.environment ?? processEnvironment())) {
    for (const secret of secrets) registerSecret(secret);
    if (options.removeFromEnvironment === true) removeVariable(name);
  }
}

function warn(text: string): void {
  // deno-lint-ignore no-console -- the one warning that the mask is incomplete
  console.warn(text);
}

/**
 * Installs the output mask in a Deno notebook: from now on every registered secret is shown as
 * `[masked]` in results, displays, HTML, Markdown, console output and errors, also in base64, escaped,
 * coloured, or when 12 characters or more of its beginning or end appear. Registered are the given
 * secrets, the token that hushbook has loaded, and whatever looks like a token in the environment.
 *
 * Calling it again adds secrets and installs nothing twice. Outside a notebook only
 * {@link maskText} uses the secrets. It is defence in depth, not a sandbox: functions that were
 * captured before, the source of cells, binary data, other spellings (hexadecimal, reversed, spaced,
 * upper case), pieces of fewer than 12 characters or of the middle, and the runtime's internals are
 * not covered.
 *
 * @param options Further secrets, and whether to clean the environment.
 * @returns The mask: what it covers, and how to take it out.
 * @throws {UsageError} When a given secret is shorter than 8 characters.
 *
 * @example Say what is covered
 * ```ts
 * import { maskOutputs, maskText } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const mask = maskOutputs({ secrets: ["correct horse battery"] });
 * assert.equal(mask.status().inKernel, false); // this is no notebook
 * assert.equal(maskText("It is correct horse battery!"), "It is [masked]!");
 * mask.uninstall();
 * ```
 */
export function maskOutputs(options: MaskOptions = {}): OutputMask {
  registerAll(options);
  if (inKernel() && holder[KEY] === undefined) {
    Object.defineProperty(holder, KEY, { value: install(), configurable: true });
    const missing = statusOf(holder[KEY]).hooks.filter(({ inPlace }) => !inPlace);
    if (missing.length > 0) {
      const list = missing.map(({ covers, reason }) => `${covers} (${reason})`).join("; ");
      (options.onWarning ?? warn)(
        `hushbook: the output mask does not cover: ${list}. Do not print tokens there`,
      );
    }
  }
  return {
    status: () => statusOf(holder[KEY]),
    uninstall() {
      for (const hook of [...holder[KEY]?.hooks.values() ?? []].toReversed()) {
        if (typeof hook !== "string") hook.uninstall();
      }
      Reflect.deleteProperty(holder, KEY);
    },
  };
}
