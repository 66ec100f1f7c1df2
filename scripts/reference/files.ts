/**
 * The files hushbook keeps. A test uses hushbook and fails when a file appears that is not listed
 * here.
 *
 * @module
 */

/** A file of the private folder. */
export interface KeptFile {
  /** What matches its path, relative to the folder. */
  readonly pattern: RegExp;
  /** Its name, as people read it. */
  readonly name: string;
  /** What is in it. */
  readonly holds: string;
}

/** The private folder's files: 0600 in a folder of 0700. */
export const FILES: readonly KeptFile[] = [
  {
    pattern: /^token\.jwe$/,
    name: "token.jwe",
    holds: "the stored token, encrypted: a compact JWE (RFC 7516), `PBES2-HS512+A256KW` with " +
      "`A256GCM`, 600 000 rounds; its header tells mode, time (`iat`) and fingerprint",
  },
  {
    pattern: /^token\.jwe\.sha256$/,
    name: "token.jwe.sha256",
    holds: "its SHA-256, so that damage is not taken for a wrong passphrase",
  },
  {
    pattern: /^key$/,
    name: "key",
    holds: "32 random bytes, for the modes `machine` and `both`",
  },
  {
    pattern: /^sign-in(?:\/(?:token\.jwe|token\.jwe\.sha256|key|token\.lock))?$/,
    name: "sign-in/",
    holds: "the same for `deviceSignIn()`: access token and refresh token, encrypted",
  },
  {
    pattern: /^limits(?:\/.+\.ring)?$/,
    name: "limits/*.ring",
    holds: "times of the newest calls, one file for each token and host; its name has the " +
      "token's fingerprint",
  },
  {
    pattern: /^budgets\.json$/,
    name: "budgets.json",
    holds: "what was spent, by budget, day (62 are kept) and month (14)",
  },
  {
    pattern: /^lockout\.json$/,
    name: "lockout.json",
    holds: "failures in a row by subject: `store`, or a token's fingerprint",
  },
  {
    pattern: /^whoami\.json$/,
    name: "whoami.json",
    holds:
      "what the Hub said of a token, by fingerprint, for 24 hours: account name, kind, role, " +
      "dates",
  },
  {
    pattern: /^notices\.json$/,
    name: "notices.json",
    holds: "when a notice was last given",
  },
  {
    pattern: /^audit\.jsonl$/,
    name: "audit.jsonl",
    holds: "the audit log, one JSON object a line",
  },
  {
    pattern: /^audit\.\d{12}\.jsonl$/,
    name: "audit.000000000001.jsonl",
    holds: "closed segments of the log, each named after its first record",
  },
  {
    pattern: /^audit\.torn\.\d{12}$/,
    name: "audit.torn.000000000001",
    holds: "a last line that its writer did not finish, kept aside",
  },
  {
    pattern: /^audit\.key$/,
    name: "audit.key",
    holds: "the key of the log's chain: 64 hexadecimal digits",
  },
  {
    pattern: /^pseudonym\.key$/,
    name: "pseudonym.key",
    holds: "the key of `pseudonym()`; deleting it makes all pseudonyms meaningless",
  },
  {
    pattern: /^(?:.+\/)?(?:token\.lock|audit\.lock|.+\.lock)$/,
    name: "*.lock",
    holds: "nothing: locks between processes",
  },
];
