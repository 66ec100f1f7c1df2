/**
 * `hushbook audit`: shows, verifies, anchors and purges the audit log.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  type AuditEventName,
  type AuditOutcome,
  type AuditRecord,
  isEventName,
  isOutcome,
} from "../src/audit/event.ts";
import { AuditLog } from "../src/audit/log.ts";
import type { AuditFilter, AuditPage } from "../src/audit/read.ts";
import { formatAnchor, parseAnchor } from "../src/audit/record.ts";
import { UsageError } from "../src/errors.ts";
import { printable, table } from "../src/terminal/table.ts";
import type { Command, CommandIo } from "./command.ts";

const HELP = `Usage: hushbook audit show [OPTIONS]
       hushbook audit verify [--anchor SEQ:MAC] [--json]
       hushbook audit anchor [--json]
       hushbook audit purge --older-than AGE [--force] [--json]

The audit log tells when a token was loaded, revealed, saved, rotated or refused, and each inference
call: never a token, prompt or reply. It is in the private folder and stays on this machine.

show     prints the newest records, oldest first
  --event NAME       only this event, such as token.load; "token." for all that begin so (repeatable)
  --outcome NAME     only ok, started, waiting, refused, failed or aborted (repeatable)
  --since TIME       from this time on: 2026-01-31, 2026-01-31T12:00:00Z, or an age such as 2h, 7d
  --until TIME       before this time
  --limit N          at most N records (default 50; 0 for all)
  --follow           go on printing new records until Ctrl-C
  --json             one JSON object a line, as in the file
verify   checks every line and names the first bad one
  --anchor SEQ:MAC   also find cuts at the end, up to this anchor
  --json             the whole result as JSON
anchor   prints number and MAC of the last record: keep it elsewhere, for verify --anchor
purge    deletes old records for good; the rest still verifies
  --older-than AGE   90d, 12w, 24h
  --force            also delete a part that does not verify, and with it the evidence

What verify promises: edits, insertions and deletions, by anyone without the key (audit.key), are
detected; cuts at the end are, up to the last anchor. Code that runs as you can read the key and
rewrite what is after the last anchor.

Exit codes: 0 fine; 1 verify found something; 2 wrong usage; 3 could not read or write.
`;

const OPTIONS = {
  event: { type: "string", multiple: true },
  outcome: { type: "string", multiple: true },
  since: { type: "string" },
  until: { type: "string" },
  limit: { type: "string" },
  follow: { type: "boolean" },
  json: { type: "boolean" },
  anchor: { type: "string" },
  "older-than": { type: "string" },
  force: { type: "boolean" },
} as const;

type Name = keyof typeof OPTIONS;

/** Which options each action takes. */
const ACTIONS: Readonly<Record<string, readonly Name[]>> = {
  show: ["event", "outcome", "since", "until", "limit", "follow", "json"],
  verify: ["anchor", "json"],
  anchor: ["json"],
  purge: ["older-than", "force", "json"],
};

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch {
    throw new UsageError(
      "Cannot run audit: an option is unknown or lacks its value; see hushbook audit --help",
    );
  }
}

type Values = ReturnType<typeof parse>["values"];

const UNITS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** An age such as `90d` in ms; null for other text. */
function age(text: string): number | null {
  const match = /^(\d{1,6})([mhdw])$/.exec(text);
  return match && Number(match[1]) * UNITS[match[2]!]!;
}

function time(option: string, text: string): number {
  const past = age(text);
  if (past !== null) return Date.now() - past;
  const moment = /^\d{4}-\d\d-\d\d(?:T|$)/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(moment)) return moment;
  throw new UsageError(
    `Cannot run audit: --${option} must be a date (2026-01-31), a time (2026-01-31T12:00:00Z) or ` +
      "an age (30m, 2h, 7d)",
  );
}

function filter(values: Values): AuditFilter {
  const events = values.event?.map((name) => {
    if (isEventName(name) || /^[a-z]+\.$/.test(name)) return name as AuditEventName;
    throw new UsageError(
      'Cannot run audit: --event must be the name of an event, such as token.load, or "token."',
    );
  });
  const outcomes = values.outcome?.map((name): AuditOutcome => {
    if (isOutcome(name)) return name;
    throw new UsageError(
      "Cannot run audit: --outcome must be ok, started, waiting, refused, failed or aborted",
    );
  });
  return {
    ...(events && { events }),
    ...(outcomes && { outcomes }),
    ...(values.since !== undefined && { since: time("since", values.since) }),
    ...(values.until !== undefined && { until: time("until", values.until) }),
  };
}

const SHORT: Readonly<Record<string, string>> = {
  "http.response.status_code": "status",
  "http.request.method": "http",
  "server.address": "host",
  "gen_ai.operation.name": "operation",
  "gen_ai.provider.name": "provider",
  "gen_ai.request.model": "model",
  "gen_ai.usage.input_tokens": "in",
  "gen_ai.usage.output_tokens": "out",
  "error.type": "error",
  "url.path": "path",
};

const PAINT: Readonly<Record<string, string>> = { refused: "33", failed: "31", aborted: "33" };

/** A record as a row: time, number, event, outcome, everything else. */
function row(record: AuditRecord): string[] {
  const { v: _v, time, seq, event, outcome, pid: _pid, prev: _prev, mac: _mac, ...rest } = record;
  const details = Object.entries(rest).map(([name, value]) => `${SHORT[name] ?? name}=${value}`);
  return [time.replace("T", " ").replace("Z", ""), `#${seq}`, event, outcome, details.join(" ")];
}

/** Printed as in the file, with what could steer the terminal escaped. */
const asJson = (value: unknown) => `${printable(JSON.stringify(value))}\n`;

function print(io: CommandIo, values: Values, records: readonly AuditRecord[]): void {
  if (values.json) return io.out(records.map(asJson).join(""));
  io.out(table(records.map(row), (cell, _, column) => {
    const colour = column === 3 && io.colour.out ? PAINT[cell] : undefined;
    return colour === undefined ? cell : `\x1b[${colour}m${cell}\x1b[0m`;
  }));
}

async function show(log: AuditLog, values: Values, io: CommandIo): Promise<number> {
  const wanted = filter(values);
  const most = values.limit === undefined ? 50 : Number(values.limit);
  if (!Number.isInteger(most) || most < 0) {
    throw new UsageError("Cannot run audit: --limit must be a whole number");
  }
  // What is written while we print is for --follow.
  const newest = (await log.read({ limit: 1 })).records[0];
  const records: AuditRecord[] = [];
  let damaged = 0;
  let cursor = String((newest?.seq ?? 0) + 1);
  while (true) {
    const limit = Math.min(1000, most === 0 ? 1000 : most - records.length);
    const page: AuditPage = await log.read({ ...wanted, limit, cursor });
    records.push(...page.records);
    damaged += page.damaged;
    if (page.next === null || records.length === most) break;
    cursor = page.next;
  }
  print(io, values, records.reverse());
  if (damaged > 0) {
    io.err(`${damaged} lines are no records of this log; run: hushbook audit verify\n`);
  }
  if (!values.follow) {
    if (records.length === 0) io.err("No record is there, or none that was asked for.\n");
    return 0;
  }
  const controller = new AbortController();
  const stop = () => controller.abort();
  Deno.addSignalListener("SIGINT", stop);
  try {
    const options = { signal: controller.signal, ...(newest && { after: newest.seq }) };
    for await (const record of log.follow(wanted, options)) {
      print(io, values, [record]);
    }
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
  }
  return 0;
}

async function verify(log: AuditLog, values: Values, io: CommandIo): Promise<number> {
  if (values.anchor !== undefined && parseAnchor(values.anchor) === null) {
    throw new UsageError(
      "Cannot run audit: --anchor must be what `hushbook audit anchor` printed (SEQ:MAC)",
    );
  }
  let next = performance.now() + 400; // a short wait needs no word
  let shown = false;
  const onProgress = (done: number) => {
    if (!io.terminal.err || performance.now() < next) return;
    next = performance.now() + 100;
    shown = true;
    io.err(`\r\x1b[K${Math.floor(done * 100)} % verified`);
  };
  const anchored = values.anchor === undefined ? {} : { anchor: values.anchor };
  const found = await log.verify({ ...anchored, onProgress });
  if (shown) io.err("\r\x1b[K");
  const code = found.ok ? 0 : 1;
  if (values.json) {
    io.out(asJson(found));
    return code;
  }
  for (const { kind, file, line, message } of found.problems.slice(0, 20)) {
    io.out(printable(`${file}:${line}: ${kind}: ${message}`) + "\n");
  }
  if (found.problems.length > 20) io.out(`… and ${found.problems.length - 20} more problems\n`);
  for (const notice of found.notices) io.out(`note: ${printable(notice)}\n`);
  const files = `${found.segments.length} ${found.segments.length === 1 ? "file" : "files"}`;
  io.out(
    found.ok
      ? `${found.records} records in ${files} verify; head ${formatAnchor(found.head)}\n`
      : `The audit log does NOT verify: ${found.problems.length} problems; ` +
        `${found.records} records in ${files} are as they were written\n`,
  );
  if (found.ok && values.anchor === undefined && found.records > 0) {
    io.out("note: a cut at the end shows only against an anchor (--anchor SEQ:MAC)\n");
  }
  return code;
}

async function anchor(log: AuditLog, values: Values, io: CommandIo): Promise<number> {
  const text = await log.anchor();
  const [seq, mac] = text.split(":");
  io.out(values.json ? asJson({ seq: Number(seq), mac, anchor: text }) : `${text}\n`);
  if (!values.json) {
    io.err("Keep this line where the log is not; then: hushbook audit verify --anchor SEQ:MAC\n");
  }
  return 0;
}

async function purge(log: AuditLog, values: Values, io: CommandIo): Promise<number> {
  const older = values["older-than"];
  const ms = older === undefined ? null : age(older);
  if (ms === null) {
    throw new UsageError("Cannot purge: say how old, as in --older-than 90d (also 24h, 12w)");
  }
  const result = await log.purge({ olderThanDays: ms / UNITS.d!, force: values.force ?? false });
  if (values.json) io.out(asJson(result));
  else if (result.removed === 0) io.out(`No record is older than ${older}.\n`);
  else io.out(`Deleted ${result.removed} records, up to number ${result.through}.\n`);
  return 0;
}

/** The command. */
export const command: Command = {
  summary: "show, verify, anchor or purge the audit log",
  help: HELP,
  async main(args, io) {
    const { values, positionals } = parse(args);
    const [action = "", ...more] = positionals;
    const allowed = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (allowed === undefined || more.length > 0) {
      throw new UsageError(
        "Cannot run audit: say show, verify, anchor or purge; see hushbook audit --help",
      );
    }
    const foreign = (Object.keys(values) as Name[]).find((name) => !allowed.includes(name));
    if (foreign !== undefined) {
      throw new UsageError(`Cannot run audit ${action}: it takes no --${foreign}`);
    }
    const onNotice = (notice: string) => io.err(`${notice}\n`);
    using log = new AuditLog({ env: io.env, onNotice, about: { command: `audit ${action}` } });
    switch (action) {
      case "show":
        return await show(log, values, io);
      case "verify":
        return await verify(log, values, io);
      case "anchor":
        return await anchor(log, values, io);
      default:
        return await purge(log, values, io);
    }
  },
};
