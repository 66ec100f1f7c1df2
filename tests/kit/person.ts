import type { Person } from "../../src/token/person.ts";
import type { AuditEvent } from "../../src/audit/event.ts";
import type { FailureCounter } from "../../src/token/unlock.ts";

/** A person who answers from a list, and keeps what they were asked and told. */
export interface ScriptedPerson extends Person {
  /** Every question, in order. */
  readonly asked: string[];
  /** Everything they were told. */
  readonly told: string[];
}

/** A person with these answers; null means that nobody can be asked. Asking more often than that fails. */
export function scriptedPerson(...answers: (string | null)[]): ScriptedPerson {
  const asked: string[] = [];
  const told: string[] = [];
  return {
    place: "terminal",
    asked,
    told,
    tell: (sentence) => void told.push(sentence),
    ask(question) {
      asked.push(question);
      if (asked.length > answers.length) throw new Error(`Nobody expected: ${question}`);
      return Promise.resolve(answers[asked.length - 1]!);
    },
  };
}

/** A log in memory. */
export interface RecordedAudit {
  /** Every event, in order. */
  readonly events: AuditEvent[];
  /** Keeps an event. */
  append(event: AuditEvent): Promise<void>;
}

/** Makes a log in memory. */
export function recordedAudit(): RecordedAudit {
  const events: AuditEvent[] = [];
  return {
    events,
    append(event) {
      events.push(event);
      return Promise.resolve();
    },
  };
}

/** A lockout that only counts. */
export function countingLockout(): FailureCounter & { readonly calls: string[] } {
  const calls: string[] = [];
  const note = (call: string) => (subject: string) => {
    calls.push(`${call} ${subject}`);
    return Promise.resolve();
  };
  return { calls, check: note("check"), fail: note("fail"), succeed: note("succeed") };
}
