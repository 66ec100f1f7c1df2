/**
 * Which path of the stand-in Hub answers what.
 *
 * @module
 */

import { chatEvents, chatReply, type CompletionRequest, taskReply, textReply } from "./answers.ts";
import { findModel, modelInfo, taskOf } from "./catalogue.ts";
import type { Fault } from "./faults.ts";
import type { JobQueue } from "./jobs.ts";
import type { Seen } from "./seen.ts";

/** What a route may look at. */
export interface RouteContext {
  /** The method. */
  readonly method: string;
  /** The request as it was seen. */
  readonly record: Seen;
  /** The fault planned for it, if any. */
  readonly fault: Fault | undefined;
  /** The queue of jobs. */
  readonly jobs: JobQueue;
  /** Every model, as the Hub lists them. */
  readonly models: readonly Record<string, unknown>[];
}

const notFound = (): Response =>
  Response.json({ error: "Repository not found" }, {
    status: 404,
    headers: { "x-error-code": "RepoNotFound" },
  });

/**
 * Answers a request that is allowed to ask.
 *
 * @param context The request and what it may use.
 * @returns The answer.
 */
export function route(context: RouteContext): Response | Promise<Response> {
  const { record, method, jobs } = context;
  const path = record.path;
  let found: RegExpMatchArray | null;
  if (path.endsWith("/chat/completions") || path.endsWith("/v1/completions")) {
    return completion(context);
  }
  if (path === "/api/whoami-v2") return whoami();
  if (path === "/api/models") return Response.json(context.models);
  if ((found = path.match(/^\/api\/models\/([^/]+\/[^/]+)$/))) {
    const id = found[1]!;
    const model = findModel(id);
    return model === undefined ? notFound() : Response.json(modelInfo(id, model));
  }
  if ((found = path.match(/^\/fal-ai\/(.+)\/requests\/([^/]+)(\/status)?$/))) {
    return found[3] === undefined ? jobs.result(found[2]!) : jobs.status(found[2]!);
  }
  if ((found = path.match(/^\/fal-ai\/(.+)$/)) && method === "POST") return jobs.submit(found[1]!);
  if ((found = path.match(/^\/replicate\/v1\/models\/(.+)\/predictions$/))) {
    return Response.json({ id: "stand-in", output: [`${mediaOrigin(record)}/media/poster`] });
  }
  if ((found = path.match(/^\/hf-inference\/models\/(.+?)(?:\/pipeline\/(.+))?$/))) {
    const task = found[2] ?? taskOf("hf-inference", found[1]!);
    return task === undefined ? notFound() : taskReply(task);
  }
  if (path.startsWith("/media/")) {
    return path.endsWith("film")
      ? new Response(new Uint8Array([0, 0, 0, 24, 102, 116, 121, 112]), {
        headers: { "content-type": "video/mp4" },
      })
      : taskReply("text-to-image");
  }
  if (path === "/redirect") {
    const query = new URLSearchParams(record.query);
    const status = Number(query.get("status") ?? 302);
    return new Response(null, { status, headers: { location: query.get("to") ?? "/" } });
  }
  if (path === "/") return taskReply(bodyTask(record.body));
  return notFound();
}

/** An endpoint of one's own serves one task at its root; the stand-in's tells it by the body. */
function bodyTask(body: unknown): string {
  return typeof body === "object" && body !== null && "inputs" in body
    ? "text-to-image"
    : "text-classification";
}

const mediaOrigin = (record: Seen): string => `http://${record.headers["host"] ?? "127.0.0.1"}`;

function whoami(): Response {
  return Response.json({
    type: "user",
    id: "000000000000000000000001",
    name: "stand-in",
    fullname: "Stand In",
    email: "stand-in@example.com",
    emailVerified: true,
    isPro: false,
    canPay: false,
    avatarUrl: "",
    periodEnd: null,
    orgs: [],
    auth: {
      type: "access_token",
      accessToken: {
        displayName: "stand-in",
        role: "read",
        createdAt: "2026-01-01T00:00:00.000Z",
      },
    },
  });
}

function completion({ record, fault }: RouteContext): Response {
  const request = (record.body ?? {}) as CompletionRequest;
  if (!request.stream) {
    if (fault?.body !== undefined) return Response.json(fault.body);
    return Response.json(
      record.path.endsWith("/chat/completions") ? chatReply(request) : textReply(request),
    );
  }
  const events = chatEvents(request);
  const encoder = new TextEncoder();
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (fault?.eventDelayMs !== undefined) {
        await new Promise((resolve) => setTimeout(resolve, fault.eventDelayMs));
      }
      if (next === fault?.breakAfterEvents) return controller.error(new Error("broken off"));
      if (next === fault?.errorAfterEvents) {
        const error = { message: "The provider stopped", type: "server_error" };
        controller.enqueue(encoder.encode(`data: ${JSON.stringify({ error })}\n\n`));
        return controller.close();
      }
      const event = events[next];
      next += 1;
      if (event === undefined) return controller.close();
      controller.enqueue(encoder.encode(event));
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
