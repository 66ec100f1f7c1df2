/**
 * What a request is about, read from its address and its JSON body: operation, provider, model.
 * Only names are taken, never a prompt.
 *
 * @module
 */

/** What a request is about. */
export interface Subject {
  /** OpenTelemetry's name of the operation, or `hub` for the Hub's own API. */
  readonly operation: "chat" | "text_completion" | "embeddings" | "inference" | "poll" | "hub";
  /**
   * The inference provider: `auto` where the router chooses, undefined for an endpoint of one's
   * own.
   */
  readonly provider?: string | undefined;
  /** The model's name. */
  readonly model?: string | undefined;
  /** Whether the call counts against the limit of calls: work is asked for, not its state. */
  readonly charged: boolean;
  /** Whether the answer was asked for as a stream. */
  readonly streaming: boolean;
  /** The most tokens the answer may have, where the request says so. */
  readonly maxOutputTokens?: number | undefined;
}

/** Names the Hub and its providers give to models and themselves; anything else is not repeated. */
const name = /^[A-Za-z0-9][\w.:@/-]{0,199}$/;

function safeName(value: unknown): string | undefined {
  return typeof value === "string" && name.test(value) ? value : undefined;
}

function count(...values: unknown[]): number | undefined {
  return values.find((value): value is number => typeof value === "number" && value >= 0);
}

const isHubPath = /^\/(api|[^/]+\/[^/]+\/resolve|datasets|spaces)\//;

/**
 * Describes a request.
 *
 * @param request Address (as the client asked for it), method, and the parsed JSON body if there is
 * one.
 * @param isRouter Whether an address is the router's or stands in for it.
 * @returns What it is about.
 */
export function describe(
  request: { readonly url: URL; readonly method: string; readonly json?: unknown },
  isRouter: (url: URL) => boolean,
): Subject {
  const { url, method } = request;
  const path = url.pathname;
  const json = (typeof request.json === "object" && request.json !== null ? request.json : {}) as
    & Record<string, unknown>
    & { parameters?: Record<string, unknown> };
  const hubHost = url.hostname === "huggingface.co" || url.hostname === "hf.co";
  if (hubHost || isHubPath.test(path)) {
    return { operation: "hub", charged: false, streaming: false };
  }
  const [first = "", ...others] = path.slice(1).split("/");
  const model = safeName(json["model"]) ?? safeName(modelInPath(others));
  const provider = !isRouter(url)
    ? undefined
    : first === "v1"
    ? model?.split(":")[1] ?? "auto"
    : safeName(first);
  const work = method === "POST";
  return {
    operation: work ? operationOf(path) : "poll",
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    charged: work,
    streaming: json["stream"] === true,
    maxOutputTokens: maxOutputOf(json),
  };
}

/** The most tokens the answer may have: of each choice, times how many are asked for. */
function maxOutputOf(
  json: Record<string, unknown> & { parameters?: Record<string, unknown> },
): number | undefined {
  const each = count(
    json["max_tokens"],
    json["max_completion_tokens"],
    json["max_output_tokens"],
    json.parameters?.["max_new_tokens"],
  );
  return each === undefined ? undefined : each * Math.max(1, count(json["n"]) ?? 1);
}

/**
 * `models/owner/name/pipeline/task`, `fal-ai/name/requests/1`, but nothing of
 * `v1/chat/completions`.
 */
function modelInPath(segments: readonly string[]): string | undefined {
  const from = segments.indexOf("models");
  if (from === -1 && segments.includes("completions")) return undefined;
  const rest = segments.slice(from + 1);
  const end = rest.findIndex((part) => afterModel.has(part));
  return (end === -1 ? rest : rest.slice(0, end)).join("/") || undefined;
}

/** Segments that follow a model's name. */
const afterModel = new Set(["pipeline", "v1", "predictions", "requests"]);

function operationOf(path: string): Subject["operation"] {
  if (path.endsWith("/chat/completions") || path.endsWith("/v1/responses")) return "chat";
  if (path.endsWith("/completions")) return "text_completion";
  if (/\/(embeddings|feature-extraction|sentence-similarity)$/.test(path)) return "embeddings";
  return "inference";
}
