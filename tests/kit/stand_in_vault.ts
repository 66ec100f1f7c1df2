/** What the stand-in knows of one path: its fields, and whether its newest version is gone. */
interface Kept {
  data: Record<string, unknown> | null;
  version: number;
  gone?: "deleted" | "destroyed";
}

/** A local server that answers as HashiCorp Vault's KV version 2 engine does at `secret/`. */
export interface StandInVault extends AsyncDisposable {
  /** Its address, for `VAULT_ADDR`. */
  readonly address: string;
  /** The credential it accepts. */
  readonly credential: string;
  /** What it keeps, by path. */
  readonly kept: Map<string, Kept>;
  /** Makes the next answers something else than the engine's. */
  answer:
    | ((request: Request) => Response | undefined | Promise<Response | undefined>)
    | undefined;
  /** Methods that the credential's policy does not allow. */
  readonly denied: Set<string>;
  /** Method, path and namespace of each request. */
  readonly asked: string[];
}

/** Starts the stand-in on a free port of 127.0.0.1. Wire format: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2 */
export function standInVault(): StandInVault {
  const credential = ["hvs", "CAESI" + "a1B2c3".repeat(4)].join(".");
  const kept = new Map<string, Kept>();
  const asked: string[] = [];
  const errors = (status: number, ...said: string[]) => Response.json({ errors: said }, { status });
  const metadata = (secret: Kept) => ({
    created_time: "2026-10-01T08:00:00.123456789Z",
    custom_metadata: null,
    deletion_time: secret.gone === "deleted" ? "2026-11-01T08:00:00Z" : "",
    destroyed: secret.gone === "destroyed",
    version: secret.version,
  });
  const self: StandInVault = {
    address: "",
    credential,
    kept,
    asked,
    denied: new Set(),
    answer: undefined,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const url = new URL(request.url);
    const namespace = request.headers.get("x-vault-namespace") ?? "";
    asked.push(`${request.method} ${decodeURIComponent(url.pathname)} ${namespace}`.trim());
    const other = await self.answer?.(request);
    if (other !== undefined) return other;
    if (request.headers.get("x-vault-token") !== credential) {
      return errors(403, "permission denied");
    }
    if (self.denied.has(request.method)) return errors(403, "permission denied");
    const path = /^\/v1\/secret\/data\/(.+)$/u.exec(decodeURIComponent(url.pathname))?.[1];
    if (path === undefined) return errors(404, "no handler for route");
    const secret = kept.get(path);
    if (request.method === "GET") {
      if (secret === undefined) return errors(404);
      const data = { data: secret.gone ? null : secret.data, metadata: metadata(secret) };
      return Response.json({ request_id: crypto.randomUUID(), data }, {
        status: secret.gone ? 404 : 200,
      });
    }
    const body = await request.json();
    if (body.options?.cas === undefined) {
      return errors(400, "check-and-set parameter required for this call");
    }
    if (body.options.cas !== (secret?.version ?? 0)) {
      return errors(400, "check-and-set parameter did not match the current version");
    }
    const version = (secret?.version ?? 0) + 1;
    let data = body.data;
    if (request.method === "PATCH") {
      if (request.headers.get("content-type") !== "application/merge-patch+json") {
        return errors(415);
      }
      if (secret === undefined) return errors(404);
      // Of a version that is gone, a patch answers its metadata, one level higher than a read does.
      if (secret.gone) return Response.json({ data: metadata(secret) }, { status: 404 });
      data = { ...secret.data, ...body.data };
    }
    const made: Kept = { data, version };
    kept.set(path, made);
    return Response.json({ data: metadata(made) });
  });
  return Object.assign(self, { address: `http://127.0.0.1:${server.addr.port}` });
}
