/**
 * Taking the security status: every part is looked at, one after the other.
 *
 * @module
 */

import { AuditLog } from "../audit/log.ts";
import type { Launch } from "../git/launcher.ts";
import { stateFolder } from "../state/folder.ts";
import { GROUPS, worst } from "./line.ts";
import { notebookPart } from "./parts/notebook.ts";
import type { PartContext } from "./parts/options.ts";
import { recordPart } from "./parts/record.ts";
import { repositoryPart } from "./parts/repository.ts";
import { storagePart } from "./parts/storage.ts";
import { tokenPart } from "./parts/token.ts";
import { usePart } from "./parts/use.ts";
import type { SecurityStatusData, SecurityStatusOptions } from "./status.ts";

/**
 * Looks at every part.
 *
 * @param options Which folders, and the clock.
 * @returns What was found.
 */
export async function takeStatus(options: SecurityStatusOptions): Promise<SecurityStatusData> {
  const context: PartContext = {
    folder: options.folder ?? stateFolder(options),
    cwd: options.cwd ?? Deno.cwd(),
    env: options.env ?? ((name) => Deno.env.get(name)),
    now: options.now ?? Date.now,
  };
  // First, for what follows tightens the permissions it meets.
  const { storage, lines: ofStorage } = await storagePart(context);
  using log = new AuditLog(context);
  const { token, lines: ofToken } = await tokenPart(context, log);
  const { lockouts, limits, lines: ofUse } = await usePart(context);
  const { audit, lines: ofRecord } = await recordPart(context, log);
  const launch = options.launch ?? thisLaunch();
  const { repository, lines: ofRepository } = await repositoryPart(context, launch);
  const { mask, lines: ofNotebook } = notebookPart();
  const lines = [ofToken, ofStorage, ofUse, ofRecord, ofRepository, ofNotebook].flat();
  lines.sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group));
  return {
    v: 1,
    time: new Date(context.now()).toISOString(),
    level: worst(lines),
    lines,
    token,
    storage,
    lockouts,
    limits,
    audit,
    repository,
    mask,
  };
}

/** How this copy of hushbook is started, where nobody says. */
function thisLaunch(): Launch {
  const script = new URL("../../scripts/hushbook.ts", import.meta.url);
  const path = script.protocol === "file:" ? decodeURIComponent(script.pathname) : script.href;
  return { deno: Deno.execPath(), script: path, program: "hushbook", denoFolder: undefined };
}
