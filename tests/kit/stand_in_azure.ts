import type { Certificate } from "./certificate.ts";

/** A local server that answers as Azure Key Vault does (REST API 7.x), and as Microsoft Entra for its sign-in. */
export interface StandInAzure extends AsyncDisposable {
  /** Its address, for `vaultUrl`. */
  readonly address: string;
  /** What it keeps, by name. */
  readonly kept: Map<string, string>;
  /** The access token it accepts. */
  readonly accessToken: string;
  /** The client secret that Entra accepts. */
  readonly clientSecret: string;
  /** Replaces dates of the answers, in seconds since 1970. */
  attributes: Record<string, number>;
  /** What the vault says its credential must be for. */
  resource: string;
  /** Makes the next answers of the vault something else. */
  answer: (() => Response | Promise<Response>) | undefined;
}

/** An error as Key Vault sends it. */
export function azureError(
  status: number,
  code: string,
  message = "said by the stand-in",
  inner?: string,
): Response {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  return Response.json({ error: { code, message, ...innererror } }, { status });
}

/** Starts the stand-in on a free port of localhost, with TLS: the SDK speaks nothing else. */
export function standInAzure({ cert, key }: Certificate): StandInAzure {
  const kept = new Map<string, string>();
  const accessToken = ["eyJ0eXAi", "b".repeat(40), "c".repeat(20)].join(".");
  const self: StandInAzure = {
    address: "",
    kept,
    accessToken,
    clientSecret: "abc8Q~" + "x7Y".repeat(11),
    attributes: {},
    resource: "https://vault.azure.net",
    answer: undefined,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  const options = { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} };
  const server = Deno.serve(options, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.includes("/v2.0/.well-known/")) return Response.json(openIdOf(self.address));
    if (pathname.endsWith("/oauth2/v2.0/token")) {
      const form = new URLSearchParams(await request.text());
      return form.get("client_secret") === self.clientSecret
        ? Response.json({ token_type: "Bearer", expires_in: 3599, access_token: accessToken })
        : Response.json({ error: "invalid_client", error_description: `no ${form}` }, {
          status: 401,
        });
    }
    if (self.answer) return await self.answer();
    const authorization = request.headers.get("authorization");
    if (authorization === null) {
      // The SDK asks once without a body to learn which authority and scope to use.
      const challenge = 'Bearer authorization="https://login.microsoftonline.com/tenant", ' +
        `resource="${self.resource}"`;
      return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
    }
    if (authorization !== `Bearer ${accessToken}`) return azureError(401, "Unauthorized");
    const name = /^\/secrets\/([^/]+)/u.exec(pathname)?.[1] ?? "";
    const attributes = {
      enabled: true,
      created: 1_759_000_000,
      updated: 1_759_000_000,
      exp: 1_795_000_000,
      ...self.attributes,
    };
    const id = `${self.address}/secrets/${name}/0123456789abcdef`;
    if (request.method === "PUT") kept.set(name, (await request.json()).value);
    const value = kept.get(name);
    if (value === undefined) return azureError(404, "SecretNotFound");
    return Response.json({ value, id, attributes });
  });
  return Object.assign(self, { address: `https://localhost:${server.addr.port}` });
}

function openIdOf(address: string): Record<string, unknown> {
  const base = `${address}/tenant`;
  return {
    issuer: `${base}/v2.0`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  };
}
