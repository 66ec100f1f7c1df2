/**
 * The token: where it comes from, what it is, how old.
 *
 * @module
 */

import type { AuditLog } from "../../audit/log.ts";
import { explainToken } from "../../token/explain.ts";
import { cachedIdentity } from "../../token/identity_cache.ts";
import { inspectStore } from "../../token/store.ts";
import { linesOf, type SecurityLine } from "../line.ts";
import type { PartContext } from "./options.ts";

/** What is known of the token that would be used, never its value. */
export interface TokenState {
  /** The source's name, such as `env` or `store`; null when none has a token. */
  readonly source: string | null;
  /** Exactly where. */
  readonly where: string | null;
  /** Its fingerprint, where it can be known. */
  readonly fingerprint: string | null;
  /** Its kind, as the last load recorded it. */
  readonly kind: string | null;
  /** What it may do at the Hub, as the Hub last said. */
  readonly role: string | null;
  /** How old it is, in days, where known. */
  readonly ageDays: number | null;
}

const DAY = 86_400_000;
const NEW_TOKEN = "hushbook token rotate";
const line = linesOf("token");

/**
 * Looks at the token. Nobody is asked, nothing is decrypted, no network is used.
 *
 * @param context Where and when.
 * @param log The audit log, which knows the token's kind.
 * @returns What is known, and the lines about it.
 */
export async function tokenPart(
  context: PartContext,
  log: AuditLog,
): Promise<{ token: TokenState; lines: SecurityLine[] }> {
  const explained = await explainToken({ ...context });
  const { used } = explained;
  const lines: SecurityLine[] = [];
  const broken = explained.rows.find((row) => row.found && row.skipped && !used);
  if (used === undefined) {
    lines.push(
      broken === undefined
        ? line("source", "warning", "Token", "No source has a token", "hushbook token save")
        : line(
          "source",
          "bad",
          "Token",
          `The token from ${broken.where} cannot be used: ${broken.skipped}`,
          "hushbook token explain",
        ),
    );
    return { token: NOTHING, lines };
  }
  const fingerprint = used.fingerprint ?? null;
  const known = fingerprint === null ? null : await knownOf(fingerprint, context, log);
  const kind = known?.kind ? `, ${known.kind} token` : "";
  const text = sourceText(used.source, used.where, fingerprint) + kind;
  lines.push(line("source", "good", "Token", text));
  if (used.source === "hub-login") {
    lines.push(
      line(
        "plain",
        "warning",
        "At rest",
        `The token lies unencrypted in ${used.where}`,
        "hushbook token import",
      ),
    );
  }
  const others = explained.rows.filter((row) =>
    row.found && row.fingerprint !== undefined && row.fingerprint !== fingerprint
  );
  if (fingerprint !== null && others.length > 0) {
    const [other] = others;
    lines.push(
      line(
        "conflict",
        "warning",
        "Other tokens",
        `${other!.where} holds another token (${other!.fingerprint}), which is not used`,
        "hushbook token explain",
      ),
    );
  }
  lines.push(...ageLines(known?.createdAt ?? null, known?.expiresAt ?? null, context.now()));
  if (known?.role === "write") {
    lines.push(
      line(
        "role",
        "warning",
        "Rights",
        "The token may write to every repository of the account; a read or fine-grained one does less harm when it leaks",
        NEW_TOKEN,
      ),
    );
  }
  return {
    token: {
      source: used.source,
      where: used.where,
      fingerprint,
      kind: known?.kind ?? null,
      role: known?.role ?? null,
      ageDays: known?.createdAt === undefined || known.createdAt === null
        ? null
        : Math.max(0, Math.floor((context.now() - known.createdAt) / DAY)),
    },
    lines,
  };
}

const NOTHING: TokenState = {
  source: null,
  where: null,
  fingerprint: null,
  kind: null,
  role: null,
  ageDays: null,
};

function sourceText(source: string, where: string, fingerprint: string | null): string {
  const from = where === source ? where : `${where} (${source})`;
  return `From ${from}${fingerprint === null ? "" : `, fingerprint ${fingerprint}`}`;
}

interface Known {
  readonly kind: string | null;
  readonly role: string | null;
  readonly createdAt: number | null;
  readonly expiresAt: number | null;
}

/** The Hub's own dates are the true ones; the time of storing is second best. */
async function knownOf(fingerprint: string, context: PartContext, log: AuditLog): Promise<Known> {
  const identity = await cachedIdentity(fingerprint, context).catch(() => null);
  const store = await inspectStore(context).catch(() => null);
  const stored = store?.fingerprint === fingerprint ? store.iat * 1000 : null;
  const { records } = await log.read({ events: ["token.load"], limit: 200 });
  const load = records.find((record) => record.fingerprint === fingerprint);
  return {
    kind: load?.kind ?? null,
    role: identity?.role ?? null,
    createdAt: identity?.createdAt ?? stored,
    expiresAt: identity?.expiresAt ?? null,
  };
}

function ageLines(
  createdAt: number | null,
  expiresAt: number | null,
  now: number,
): SecurityLine[] {
  if (expiresAt !== null && expiresAt <= now) {
    return [line("age", "bad", "Age", "The token has expired", NEW_TOKEN)];
  }
  if (createdAt === null) return [];
  const days = Math.max(0, Math.floor((now - createdAt) / DAY));
  return days < 90 ? [line("age", "good", "Age", `${days} days; a new one is due after 90`)] : [
    line("age", "warning", "Age", `${days} days; tokens should be replaced every 90`, NEW_TOKEN),
  ];
}
