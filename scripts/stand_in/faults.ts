/**
 * The trouble a stand-in Hub can be asked to make: any status with any headers, slow answers,
 * streams that report an error or break off, connections that hang up.
 *
 * @module
 */

/** One planned answer in place of the usual one. */
export interface Fault {
  /** Only requests whose path matches; default all that need a token. */
  readonly path?: RegExp;
  /** How many requests get it, `Infinity` for all to come; default 1. */
  readonly times?: number;
  /** The status; default 200 with the usual body. */
  readonly status?: number;
  /** Headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body: text as it is, anything else as JSON; default an `error` that names the status. */
  readonly body?: unknown;
  /** Milliseconds before anything is answered. */
  readonly delayMs?: number;
  /** A stream that, after so many events, reports an error inside the stream. */
  readonly errorAfterEvents?: number;
  /** A stream that, after so many events, breaks off. */
  readonly breakAfterEvents?: number;
  /** Milliseconds between the events of a stream. */
  readonly eventDelayMs?: number;
  /** Hangs up after the head of the answer, before a byte of its body. */
  readonly hangUp?: boolean;
}

/** The Hub's 429: its window is used up and starts again in `seconds`. */
export function rateLimited(seconds: number, times = 1): Fault {
  return {
    status: 429,
    times,
    headers: {
      "ratelimit": `"api";r=0;t=${seconds}`,
      "ratelimit-policy": `"fixed window";"api";q=1000;w=300`,
    },
    body: { error: "We had to rate limit you" },
  };
}

/** hf-inference's 503: the model is being loaded. */
export function loading(seconds: number, times = 1): Fault {
  return {
    status: 503,
    times,
    headers: { "retry-after": String(seconds) },
    body: { error: "Model is currently loading", estimated_time: seconds },
  };
}

/** The router's 402: the month's credits are used up. */
export function outOfCredits(times = 1): Fault {
  return {
    status: 402,
    times,
    body: { error: "You have exceeded your monthly included credits for Inference Providers." },
  };
}

/**
 * The planned faults in order; each request takes the first that fits it.
 */
export class FaultPlan {
  readonly #planned: { fault: Fault; left: number }[] = [];

  /** Adds faults behind those already planned. */
  add(...faults: Fault[]): void {
    for (const fault of faults) this.#planned.push({ fault, left: fault.times ?? 1 });
  }

  /** Forgets all of them. */
  clear(): void {
    this.#planned.length = 0;
  }

  /**
   * Takes the fault meant for a request.
   *
   * @param path The request's path.
   * @returns The fault, or undefined for the usual answer.
   */
  take(path: string): Fault | undefined {
    const index = this.#planned.findIndex(({ fault }) => fault.path?.test(path) ?? true);
    const entry = this.#planned[index];
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#planned.splice(index, 1);
    return entry.fault;
  }
}

/**
 * The answer of a fault that has a status.
 *
 * @param fault The fault.
 * @param status Its status.
 * @returns The answer.
 */
export function faultResponse(fault: Fault, status: number): Response {
  const headers = new Headers(fault.headers);
  if (status === 204 || status === 304 || (status >= 300 && status < 400)) {
    return new Response(null, { status, headers });
  }
  if (typeof fault.body === "string") return new Response(fault.body, { status, headers });
  headers.set("content-type", "application/json");
  const body = JSON.stringify(fault.body ?? { error: `The stand-in was asked for ${status}` });
  return new Response(body, { status, headers });
}
