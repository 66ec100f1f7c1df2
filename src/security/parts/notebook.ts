/**
 * The output mask of this kernel.
 *
 * @module
 */

import { inKernel } from "../../kernel/detect.ts";
import { type MaskStatus, maskStatus } from "../../kernel/mask/mask.ts";
import { counted, linesOf, type SecurityLine } from "../line.ts";

const line = linesOf("notebook");

/**
 * Looks at the mask; there is none to look at outside of a kernel.
 *
 * @returns What it covers, or null outside of a kernel or without one, and the lines about it.
 */
export function notebookPart(): { mask: MaskStatus | null; lines: SecurityLine[] } {
  const mask = maskStatus();
  if (!inKernel()) return { mask, lines: [] };
  if (mask === null) {
    const text = "Not installed: what cells print is not masked";
    return { mask, lines: [line("mask", "warning", "Output mask", text, "maskOutputs()")] };
  }
  const missing = mask.hooks.filter(({ inPlace }) => !inPlace);
  if (missing.length > 0) {
    const text = `Does not cover: ${missing.map(({ covers }) => covers).join("; ")}`;
    return { mask, lines: [line("mask", "warning", "Output mask", text)] };
  }
  const text = `Covers everything it can, and masks ${counted(mask.secrets, "secret")}`;
  return { mask, lines: [line("mask", "good", "Output mask", text)] };
}
