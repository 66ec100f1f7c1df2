/**
 * What each audit event and outcome means. The compiler refuses this file when one is missing.
 *
 * @module
 */

import type { AuditEventName, AuditOutcome } from "../../src/audit/event.ts";

/** Every event. */
export const EVENTS: Readonly<Record<AuditEventName, string>> = {
  "token.load": "a token was loaded, or could not be",
  "token.refuse": "a token was found and not used; `reason` is the error code",
  "token.prompt": "a person was asked",
  "token.save": "a token was stored",
  "token.sign-in": "a person signed in at the Hub",
  "token.revoke": "the Hub was asked to revoke a token",
  "token.import": "a token was taken over from another file",
  "token.rotate":
    "a token was replaced, or (`started`) is about to be; `replaced` is the old fingerprint",
  "token.forget": "the stored token was removed",
  "token.reveal": "code asked for the text of the token; `records` times",
  "passphrase.change": "the stored token was encrypted anew",
  "lockout.set": "a subject was locked",
  "lockout.deny": "something was refused because of a lockout",
  "lockout.clear": "lockouts were ended by hand",
  "inference.start": "a call is about to be sent; paired with its end by `id`",
  "inference.end": "a call has ended",
  "limit.wait": "a call waited for its limit",
  "limit.pause": "the server asked everybody to wait",
  "budget.deny": "a call was refused because of its budget",
  "hook.refuse": "a commit or push was refused",
  "security.open": "the local page was opened",
  "security.login": "a browser used the one-time link",
  "security.refuse": "the local page refused a request",
  "pseudonym.erase": "the key of pseudonyms was deleted",
  "audit.open": "first record of the log",
  "audit.rotate": "first record of a new segment",
  "audit.rekey": "first record under a new key: the old one was gone",
  "audit.repair": "a torn last line was put aside",
  "audit.cut": "lines at the end of the log were missing",
  "audit.gap": "records that could not be written",
  "audit.purge": "old segments were deleted; their place in the chain is kept",
};

/** Every outcome. */
export const OUTCOMES: Readonly<Record<AuditOutcome, string>> = {
  ok: "it was done",
  started: "it began; its end is another record",
  waiting: "it waits",
  refused: "hushbook, or a service, did not allow it",
  failed: "it was tried and did not work",
  aborted: "somebody ended it",
};
