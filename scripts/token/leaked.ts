/**
 * The tokens that files hold, for `hushbook token revoke FILE…`.
 *
 * @module
 */

import { UsageError } from "../../src/errors.ts";
import type { LfsContent } from "../../src/git/lfs.ts";
import { AllowResolver } from "../../src/notebook/allow_file.ts";
import { findSecrets } from "../../src/notebook/find_secrets.ts";
import type { Finding } from "../../src/notebook/finding.ts";
import { absolute } from "../../src/notebook/path.ts";
import { nameOf, placeOf, printable } from "../../src/notebook/report_words.ts";
import { maskName } from "../../src/notebook/mask_name.ts";
import type { Secret } from "../../src/secret/secret.ts";
import type { CommandIo } from "../command.ts";
import { listScanFiles, searchFile, whyUnread } from "../scan_files.ts";

/** What files hold. */
export interface Leaked {
  /** Each token once. */
  readonly secrets: readonly Secret[];
  /** Where each one is, for a person: one line a token. */
  readonly lines: readonly string[];
  /** Files that could not be searched, and why. */
  readonly failures: readonly string[];
}

/**
 * Searches files, folders and patterns, as `hushbook scan` does. What `.hushbook-allow` allows is
 * left out.
 *
 * @param names What was named; `-` is standard input.
 * @param io Streams and folder.
 * @returns The tokens.
 * @throws {UsageError} If a name is itself a token.
 */
export async function leakedTokens(names: readonly string[], io: CommandIo): Promise<Leaked> {
  if (names.some(holdsToken)) {
    throw new UsageError(
      "Cannot revoke a token given as an argument (it would stay in the shell's history; clear it there): " +
        "it is asked for without FILE, or read with --stdin",
    );
  }
  const secrets = new Map<string, Secret>();
  const find = (bytes: Uint8Array, path?: string): readonly Finding[] => {
    const found = findSecrets(bytes, path === undefined ? {} : { path });
    for (const [fingerprint, secret] of found.secrets) secrets.set(fingerprint, secret);
    return found.findings;
  };
  const cwd = absolute(io.cwd, ".");
  const findings: Finding[] = [];
  if (names.includes("-")) findings.push(...find(await io.readInput()));
  const named = names.filter((name) => name !== "-");
  const { files, failures } = named.length === 0
    ? { files: [], failures: [] }
    : await listScanFiles(named, cwd);
  const failed = failures.map(({ path, message }) => `${printable(maskName(path))}: ${message}`);
  const allow = new AllowResolver(cwd);
  const lfs = new Map<string, LfsContent>();
  for (const one of files) {
    try {
      const found = await searchFile(one, find, lfs);
      allow.prepare(one.file);
      findings.push(...found.filter((finding) => !allow.allows(finding, one.file)));
    } catch (error) {
      failed.push(`${printable(maskName(one.path))}: ${whyUnread(error)}`);
    }
  }
  const places = Map.groupBy(
    findings.filter(({ level }) => level === "token"),
    ({ fingerprint }) => fingerprint,
  );
  return {
    secrets: [...places.keys()].map((fingerprint) => secrets.get(fingerprint)!),
    lines: [...places].map(([fingerprint, [first, ...more]]) => lineOf(fingerprint, first!, more)),
    failures: failed,
  };
}

function holdsToken(name: string): boolean {
  return findSecrets(new TextEncoder().encode(name)).secrets.size > 0;
}

function lineOf(fingerprint: string, first: Finding, more: readonly Finding[]): string {
  const file = printable(first.path) || "standard input";
  const others = more.length === 0
    ? ""
    : `, and ${more.length} more place${more.length === 1 ? "" : "s"}`;
  return `${fingerprint}  ${nameOf(first)} in ${file}: ${placeOf(first)}${others}`;
}
