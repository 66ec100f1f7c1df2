/**
 * The routes of the status page.
 *
 * @module
 */

import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie, setCookie } from "hono/cookie";
import { csrf } from "hono/csrf";
import { secureHeaders } from "hono/secure-headers";
import type { AuditLog } from "../../audit/log.ts";
import { HushbookError } from "../../errors.ts";
import { listLimits } from "../../limits/overview.ts";
import { clearLockout } from "../../token/lockout.ts";
import script from "../page/page.js" with { type: "text" };
import style from "../page/page.css" with { type: "text" };
import page from "../page/page.html" with { type: "text" };
import { securityStatus, type SecurityStatusOptions } from "../status.ts";
import { CallHistory } from "./calls.ts";
import type { Guard } from "./guard.ts";
import { auditQuery } from "./query.ts";
import { type Session, SESSION_MS, type Sessions } from "./sessions.ts";

/** What the routes work with. */
export interface AppOptions {
  /** What the status is taken of; `folder` and `now` are given. */
  readonly status: SecurityStatusOptions & { readonly folder: string; readonly now: () => number };
  /** The audit log. */
  readonly log: AuditLog;
  /** Which requests are heard. */
  readonly guard: Guard;
  /** Who may look. */
  readonly sessions: Sessions;
  /** The cookie's name; it has the port in it, since cookies do not tell ports apart. */
  readonly cookie: string;
}

/** The largest request body, in bytes. */
const MOST_BODY = 4096;

const POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ["data:"],
  frameAncestors: ["'none'"],
  formAction: ["'none'"],
  baseUri: ["'none'"],
};

type Env = { Variables: { session: Session } };

/**
 * Makes the application.
 *
 * @param options What it works with.
 * @returns The application, to be given requests by `fetch`.
 */
export function securityApp(options: AppOptions): Hono<Env> {
  const { log, sessions, cookie } = options;
  const app = new Hono<Env>();
  app.use(secureHeaders({
    contentSecurityPolicy: POLICY,
    xFrameOptions: "DENY",
    referrerPolicy: "no-referrer",
    strictTransportSecurity: false, // plain http on the loopback: there is no TLS to insist on
  }));
  app.use(guarded(options));
  app.use(csrf());
  app.use(bodyLimit({ maxSize: MOST_BODY, onError: (c) => c.json({ error: "too large" }, 413) }));

  const mayRecordLogin = seldom(options.status.now);
  app.get("/", (c) => c.html(page));
  app.get("/page.css", (c) => c.body(style, 200, { "Content-Type": "text/css; charset=utf-8" }));
  app.get("/page.js", (c) => {
    return c.body(script, 200, { "Content-Type": "text/javascript; charset=utf-8" });
  });

  app.post("/api/session", async (c) => {
    const { key } = await bodyOf(c);
    const session = typeof key === "string" ? sessions.open(key) : null;
    const outcome = session === null ? "refused" : "ok";
    // A log that cannot be written must not keep the person from the page that says so.
    if (session !== null || mayRecordLogin()) {
      await log.append({ event: "security.login", outcome }).catch(() => {});
    }
    if (session === null) return unauthorized(c);
    setCookie(c, cookie, session.id, {
      httpOnly: true,
      sameSite: "Strict",
      path: "/",
      maxAge: SESSION_MS / 1000,
    });
    return c.json({ csrf: session.csrf });
  });

  app.use("/api/*", async (c, next) => {
    const session = sessions.find(getCookie(c, cookie));
    if (session === null) return unauthorized(c);
    if (c.req.method !== "GET" && !sessions.mayChange(session, c.req.header("X-CSRF-Token"))) {
      return c.json({ error: "forbidden" }, 403);
    }
    c.set("session", session);
    return await next();
  });
  app.get("/api/session", (c) => c.json({ csrf: c.get("session").csrf }));
  routes(app, options);

  app.notFound((c) => c.json({ error: "not found" }, 404));
  app.onError((error, c) => {
    const known = error instanceof HushbookError;
    // Messages of our own errors hold no secret; anything else might.
    return c.json({
      error: known ? error.code : "internal",
      ...(known && { message: error.message }),
    }, 500);
  });
  return app;
}

function routes(app: Hono<Env>, { status, log }: AppOptions): void {
  const { folder, now } = status;
  // It reads the whole log and every notebook: pages that ask at the same time share one.
  const look = shared(async () => (await securityStatus(status)).data);
  const calls = new CallHistory(log);
  app.get("/api/security/status", async (c) => c.json(await look.now()));
  app.get("/api/security/calls", async (c) => {
    return c.json(await calls.of(await listLimits({ folder, now }), now()));
  });
  app.get("/api/security/audit-log", async (c) => {
    const query = auditQuery(new URL(c.req.url).searchParams);
    return query === null ? c.json({ error: "bad query" }, 400) : c.json(await log.read(query));
  });
  app.post("/api/security/clear-lockout", async (c) => {
    const { subject } = await bodyOf(c);
    const isSubject = typeof subject === "string" && /^(?:store|[0-9a-f]{12})$/u.test(subject);
    if (subject !== undefined && !isSubject) return c.json({ error: "bad subject" }, 400);
    await clearLockout(isSubject ? subject : undefined, { folder, now });
    look.forget();
    return c.json({ cleared: subject ?? "all" });
  });
}

/** One record in a while: whoever is refused must not be able to fill the log. */
function seldom(now: () => number): () => boolean {
  let last = -Infinity;
  return () => {
    const time = now();
    if (time >= last && time - last < 10_000) return false;
    last = time;
    return true;
  };
}

function guarded({ guard, log, sessions, cookie, status }: AppOptions): MiddlewareHandler<Env> {
  const mayRecord = seldom(status.now);
  return async (c, next) => {
    c.header("Cache-Control", "no-store");
    const signedIn = sessions.find(getCookie(c, cookie)) !== null;
    const refusal = guard.refuse(c.req.method, c.req.path, c.req.raw.headers, signedIn);
    if (refusal === null) return await next();
    if (mayRecord()) {
      await log.append({
        event: "security.refuse",
        outcome: "refused",
        reason: `status-${refusal}`,
      })
        .catch(() => {});
    }
    return c.json({ error: "refused" }, refusal);
  };
}

/** Work that callers share while it is under way. */
function shared<T>(work: () => Promise<T>): { now(): Promise<T>; forget(): void } {
  let underway: Promise<T> | undefined;
  return {
    now() {
      const mine = underway ??= work().finally(() => {
        if (underway === mine) underway = undefined;
      });
      return mine;
    },
    forget: () => void (underway = undefined),
  };
}

/** No detail: whoever has no session learns nothing, not even why. */
function unauthorized(c: Context): Response {
  return c.json({ error: "unauthorized" }, 401);
}

async function bodyOf(c: Context): Promise<Record<string, unknown>> {
  const body: unknown = await c.req.json().catch(() => null);
  return typeof body === "object" && body !== null ? body as Record<string, unknown> : {};
}
