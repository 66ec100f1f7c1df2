/**
 * What the pre-push hook does: searches the commits about to leave. Merges, rebases, cherry-picks and
 * `--no-verify` bring in what pre-commit never sees.
 *
 * @module
 */

import { type HistoryFinding, searchHistory, searchRefName } from "./history.ts";
import { ObjectReader } from "./objects.ts";
import { type Policy, readPolicy } from "./policy.ts";
import { runGit } from "./run.ts";

/** One ref about to be updated, as git tells the hook. */
export interface RefUpdate {
  /** The ref here, such as `refs/heads/main`. */
  readonly localRef: string;
  /** What it points to; zeros if the remote ref is to be deleted. */
  readonly localId: string;
  /** The ref there, by which others will see it. */
  readonly remoteRef: string;
  /** What the remote ref points to now; zeros if it is new. */
  readonly remoteId: string;
}

/**
 * Reads what git writes to a pre-push hook (githooks, "pre-push").
 *
 * @param text For each ref: local ref, local id, remote ref, remote id.
 * @returns The updates, without deletions, which send nothing.
 */
export function parseRefUpdates(text: string): RefUpdate[] {
  return text.split("\n").flatMap((line) => {
    const [localRef, localId, remoteRef, remoteId] = line.trim().split(" ");
    if (localId === undefined || remoteRef === undefined || remoteId === undefined) return [];
    return isZero(localId) ? [] : [{ localRef: localRef!, localId, remoteRef, remoteId }];
  });
}

/** Where and what is pushed. */
export interface PushOptions {
  /** A folder in the repository, absolute. */
  readonly cwd: string;
  /** The remote's name, or its address if it has none. */
  readonly remote: string;
  /** The address that is pushed to. */
  readonly address: string;
  /** The refs about to be updated. */
  readonly updates: readonly RefUpdate[];
  /** Is told now and then how many objects have been read. */
  readonly onProgress?: (objects: number) => void;
}

/**
 * Searches the commits the remote does not have yet, and the names under which they would be seen.
 *
 * @param options What is pushed, and where.
 * @returns Tokens that no `.hushbook-allow` of a pushed commit names.
 * @throws {GitError} If git fails. Whatever it throws must refuse the push too.
 * @throws {ConfigError} If a `.hushbook-allow` is not valid.
 */
export async function checkPush(
  { cwd, remote, address, updates, onProgress }: PushOptions,
): Promise<HistoryFinding[]> {
  if (updates.length === 0) return [];
  // What was fetched from another place than is pushed to says nothing about what is there.
  const seen = await isFetchedFrom(cwd, remote, address);
  const { findings: committed } = await searchHistory({
    cwd,
    revisions: updates.flatMap(({ localId, remoteId }) =>
      isZero(remoteId) ? [localId] : [localId, `^${remoteId}`]
    ),
    ...(seen ? { exceptRemote: remote } : {}),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const findings = [
    ...updates.flatMap(({ remoteRef, localId }) => searchRefName(remoteRef, localId, false)),
    ...committed,
  ];
  if (findings.length === 0) return [];
  const policies = await policiesOf(cwd, updates);
  return findings.filter((finding) => !policies.some((policy) => policy.allows(finding)));
}

async function isFetchedFrom(cwd: string, remote: string, address: string): Promise<boolean> {
  // 2 (128 before git 2.30): no remote has this name; it is an address.
  const { code, stdout } = await runGit(["remote", "get-url", "--", remote], {
    cwd,
    exits: [0, 2, 128],
  });
  if (code !== 0) return false;
  return repositoryOf(new TextDecoder().decode(stdout)) === repositoryOf(address);
}

/**
 * An address without what may differ although the repository is the same: scheme, user, port, `.git`.
 *
 * @param address An address as git takes it: with a scheme, as `host:path`, or a path.
 * @returns What is left.
 */
export function repositoryOf(address: string): string {
  const trimmed = address.trim();
  const found = /^[a-z+]+:\/\/(?:[^/@]*@)?([^/:]*)(?::\d+)?\/(.*)$/iu.exec(trimmed) ??
    /^(?:[^/@]*@)?([^/:]{2,}):(.*)$/u.exec(trimmed);
  const whole = found === null ? trimmed : `${found[1]!.toLowerCase()}/${found[2]}`;
  return whole.replace(/\/+$/u, "").replace(/\.git$/u, "");
}

/**
 * Whether a commit has no parent, so that a rebase that changes it must start at the root.
 *
 * @param cwd A folder in the repository, absolute.
 * @param commit The commit.
 * @returns True if it is the first of its history.
 * @throws {GitError} If git fails.
 */
export async function isFirstCommit(cwd: string, commit: string): Promise<boolean> {
  const parent = `${commit}^{commit}~1`;
  const { code } = await runGit(["rev-parse", "-q", "--verify", parent], { cwd, exits: [0, 1] });
  return code === 1;
}

async function policiesOf(cwd: string, updates: readonly RefUpdate[]): Promise<Policy[]> {
  await using reader = new ObjectReader({ cwd });
  const asked = reader.ask(updates.map(({ localId }) => `${localId}:.hushbook-allow`), true);
  const policies: Policy[] = [];
  for (let at = 0; at < updates.length; at++) {
    const head = await reader.next();
    if (head !== null) policies.push(readPolicy(null, await reader.bytes(head)));
  }
  await asked;
  return policies;
}

function isZero(id: string): boolean {
  return /^0+$/u.test(id);
}
