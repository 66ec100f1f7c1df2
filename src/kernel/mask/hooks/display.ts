/**
 * Hooks what a cell displays: results, `Deno.jupyter.display` and its updates, HTML, Markdown, SVG,
 * raw bundles, `broadcast`, errors while a result is formatted; and the text of questions.
 *
 * @module
 */

import { combined, type Hook, HookMissing, replaceProperty } from "../hook.ts";
import type { AnyFunction, Internals } from "../internals.ts";
import { maskText, registerSecret } from "../secrets.ts";
import { maskValue } from "../value.ts";
import { validateToken } from "../../../secret/validate.ts";

/** Whether the notebook has put a function of its own where the kernel's was. */
function isOwn(current: unknown, fresh: unknown): boolean {
  return typeof current === "function" && typeof fresh === "function" &&
    Function.prototype.toString.call(current) !== Function.prototype.toString.call(fresh);
}

/** Copies the kernel's fresh functions over its old ones; what the notebook put there stays. */
function refresh(target: object, fresh: object): Hook[] {
  const hooks: Hook[] = [];
  for (const [key, value] of Object.entries(fresh)) {
    const current = Reflect.get(target, key);
    if (current === value || isOwn(current, value)) continue;
    if (typeof value === "function") hooks.push(replaceProperty(target, key, value));
  }
  return hooks;
}

/**
 * Installs the hook. The kernel's functions keep the operations they were made with, so they are made
 * again once the operations are replaced; `Deno.jupyter` stays the same object.
 *
 * @param internals The runtime's internals.
 * @returns The hook.
 * @throws {HookMissing} When a part of the runtime is not where it should be.
 */
export function hookDisplay({ ops, holder }: Internals): Hook {
  const broadcast = ops?.op_jupyter_broadcast;
  const enable = holder.enableJupyter;
  if (ops === undefined || typeof broadcast !== "function") {
    throw new HookMissing("the operation that sends displays is not where it was");
  }
  if (typeof enable !== "function") throw new HookMissing("the kernel cannot be set up again");
  const hooks: Hook[] = [
    replaceProperty(
      ops,
      "op_jupyter_broadcast",
      (type: string, content: unknown, metadata: unknown, buffers: unknown) =>
        broadcast(type, maskValue(content), maskValue(metadata), buffers),
    ),
    ...hookInput(ops),
  ];
  const jupyter = Deno.jupyter;
  const globals = globalThis as unknown as Record<string, AnyFunction>;
  const questions = { prompt: globals.prompt, confirm: globals.confirm };
  const results = holder.jupyter?.broadcastResult;
  try {
    enable();
    const fresh = { prompt: globals.prompt, confirm: globals.confirm };
    const freshJupyter = Deno.jupyter;
    const freshResults = holder.jupyter?.broadcastResult;
    // Everything goes back to where it was, and then each piece is replaced with a way back.
    (Deno as { jupyter: unknown }).jupyter = jupyter;
    Object.assign(globals, questions);
    if (holder.jupyter !== undefined) holder.jupyter.broadcastResult = results;
    hooks.push(...refresh(jupyter, freshJupyter), ...refresh(globals, fresh));
    if (holder.jupyter !== undefined && typeof freshResults === "function") {
      hooks.push(replaceProperty(holder.jupyter, "broadcastResult", freshResults));
    }
    return combined(hooks);
  } catch (error) {
    for (const hook of hooks.toReversed()) hook.uninstall();
    throw error;
  }
}

/** The text of a question is saved with the notebook; the answer may be a token to keep quiet about. */
function hookInput(ops: Record<string, AnyFunction>): Hook[] {
  const input = ops.op_jupyter_input;
  if (typeof input !== "function") return [];
  return [
    replaceProperty(ops, "op_jupyter_input", (question: string, password: boolean) => {
      const answer = input(maskText(String(question)), password);
      if (typeof answer === "string" && validateToken(answer.trim()).valid) {
        registerSecret(answer.trim());
      }
      return answer;
    }),
  ];
}
