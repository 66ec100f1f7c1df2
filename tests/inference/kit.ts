import type { StandIn } from "../../scripts/stand_in/server.ts";
import type { AuditEvent } from "../../src/audit/event.ts";
import { Secret } from "../../src/secret/secret.ts";
import type { LoadedToken } from "../../src/token/load.ts";
import type { GuardOptions } from "../../src/inference/guard_options.ts";

/** Options under which a connection talks to a stand-in, waits in no time and is recorded in memory. */
export interface TestOptions extends GuardOptions {
  /** The stand-in's token. */
  readonly token: LoadedToken;
  /** Every wait that was slept, in milliseconds. */
  readonly slept: number[];
  /** Every audit record. */
  readonly records: AuditEvent[];
}

function loadedToken(token: string): LoadedToken {
  const secret = new Secret(token);
  const { fingerprint, kind } = secret;
  return { secret, fingerprint, kind, source: "env", where: "HF_TOKEN", notices: [] };
}

/** Makes {@link TestOptions} for a stand-in: time passes only where something waits. */
export function testOptions(hub: StandIn, more: GuardOptions = {}): TestOptions {
  const slept: number[] = [];
  const records: AuditEvent[] = [];
  let time = 0;
  return {
    token: loadedToken(hub.token),
    fetch: hub.fetch,
    env: () => undefined,
    random: () => 0.5,
    onNotice: () => {},
    limit: { store: "memory", windows: [{ limit: 10_000, windowMs: 1000 }] },
    now: () => 1_800_000_000_000 + time,
    clock: () => time,
    sleep: (ms, signal) => {
      slept.push(ms);
      time += ms;
      return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve();
    },
    audit: {
      append(record) {
        records.push(record);
        return Promise.resolve();
      },
    },
    lockout: {
      check: () => Promise.resolve(),
      fail: () => Promise.resolve(),
      succeed: () => Promise.resolve(),
    },
    ...more,
    slept,
    records,
  } as TestOptions;
}

/** A chat request with a prompt that must never be seen again. */
export const prompt = "canary: the prompt nobody may see";
/** Arguments of a chat completion. */
export const chat = {
  model: "stand-in/chat",
  messages: [{ role: "user" as const, content: prompt }],
};
