/**
 * Asks in a notebook: the front end shows a field, masked for a secret.
 *
 * @module
 */

/** The kernel's `prompt`, whose third argument the published types lack. */
type KernelPrompt = (
  text: string,
  defaultValue: string,
  options: { password: boolean },
) => string | null;

/** How to ask. */
export interface KernelAskOptions {
  /** Shows what is typed, for a question that is no secret. Default false. */
  readonly echo?: boolean;
  /** Asks the front end. Default the kernel's own `prompt`. */
  readonly prompt?: KernelPrompt;
}

/**
 * Asks the person in front of the notebook. The kernel stands still until the answer comes, and
 * neither a time limit nor the stop button ends the question. Front ends keep the question's text
 * in the saved notebook, so it must not name an account or a fingerprint.
 *
 * @param text The question, as it will be saved in the notebook.
 * @param options Whether the answer is shown while typing.
 * @returns The answer; empty if the person declined; null if nobody can be asked (nbconvert,
 * nbclient and papermill run notebooks without standard input).
 */
export function askInKernel(text: string, options: KernelAskOptions = {}): string | null {
  const ask = options.prompt ?? (globalThis.prompt as unknown as KernelPrompt);
  return ask(text, "", { password: !(options.echo ?? false) });
}
