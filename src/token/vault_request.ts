/**
 * Asking Vault: its address, its own credential, and the request.
 *
 * @module
 */

import { SourceError } from "../errors.ts";
import type { ServiceAnswer } from "./service.ts";
import type { SourceContext } from "./source.ts";
import type { VaultOptions } from "./vault.ts";

/** Where it is, and everything needed to ask for it. */
export interface VaultPlace {
  /** The address of the secret's data. */
  readonly url: URL;
  /** Vault's own token and the namespace. */
  readonly headers: Readonly<Record<string, string>>;
  /** Mount and path, for people. */
  readonly where: string;
}

/**
 * Finds out where to ask, and with what.
 *
 * @param options Where in Vault.
 * @param context The environment; the mask is told of Vault's own token.
 * @returns Address and header fields.
 * @throws {SourceError} `source-setup` if something is missing, or would send Vault's token in
 * clear or elsewhere.
 */
export async function locate(options: VaultOptions, context: SourceContext): Promise<VaultPlace> {
  const { mount = "secret", path } = options;
  const address = options.address ?? context.env("VAULT_ADDR")?.trim();
  if (address === undefined || address === "") {
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: no address is known; set VAULT_ADDR, such as https://vault.example.com:8200",
    );
  }
  const base = URL.parse(address);
  if (base === null || !/^https?:$/u.test(base.protocol) || base.username || base.password) {
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: VAULT_ADDR is not a plain http or https address",
    );
  }
  if (base.protocol === "http:" && !isLoopback(base.hostname)) {
    throw new SourceError(
      "source-setup",
      `Cannot read the token from Vault: http to ${base.host} would send Vault's token in clear; use https`,
    );
  }
  const segments = `${mount}/data/${path}`.split("/").filter((segment) => segment !== "");
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: mount and path must not hold . or .. parts",
    );
  }
  const url = new URL(base);
  url.pathname = [base.pathname.replace(/\/+$/u, ""), "v1", ...segments.map(encodeURIComponent)]
    .join("/");
  url.search = url.hash = "";
  const namespace = (options.namespace ?? context.env("VAULT_NAMESPACE"))?.trim() ?? "";
  if (!/^[\x21-\x7e]*$/u.test(namespace)) {
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: the namespace holds a character that no namespace has; check VAULT_NAMESPACE",
    );
  }
  return {
    url,
    where: `${mount}/${path}`,
    headers: {
      "X-Vault-Token": await vaultToken(context),
      "X-Vault-Request": "true",
      ...(namespace === "" ? {} : { "X-Vault-Namespace": namespace }),
    },
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d+){3}$/u.test(host);
}

/**
 * Vault's own credential; checked, since the runtime quotes an unclean header value in its error.
 */
async function vaultToken(context: SourceContext): Promise<string> {
  const given = context.env("VAULT_TOKEN");
  const home = context.env("HOME") ?? context.env("USERPROFILE");
  const token = (given ?? await readVaultTokenFile(home))?.trim();
  if (token === undefined || token === "") {
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: this machine is not signed in; run `vault login`, or set VAULT_TOKEN",
    );
  }
  if (!/^[\x21-\x7e]+$/u.test(token)) {
    throw new SourceError(
      "source-setup",
      `Cannot read the token from Vault: Vault's own token (${
        given === undefined ? "~/.vault-token" : "VAULT_TOKEN"
      }) holds a character that no token has; run \`vault login\` again`,
    );
  }
  context.protect?.(token);
  return token;
}

async function readVaultTokenFile(home: string | undefined): Promise<string | undefined> {
  if (home === undefined) return undefined;
  try {
    return await Deno.readTextFile(`${home}/.vault-token`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: ~/.vault-token cannot be read; check its owner and mode, or set VAULT_TOKEN",
    );
  }
}

/** What is sent along to write. */
export interface VaultWrite {
  /** `PATCH` merges into what is there (RFC 7396), `POST` makes a version of just these fields. */
  readonly method: "PATCH" | "POST";
  /** The fields. */
  readonly data: Readonly<Record<string, unknown>>;
  /**
   * The version that must be the newest; 0: there must be none. Else nothing is written
   * (check-and-set).
   */
  readonly cas: number;
}

/**
 * Asks for the secret, or writes it.
 *
 * @param place Where.
 * @param options How long to wait.
 * @param context What sends.
 * @param write What to write. Default: only reads.
 * @returns Vault's answer, whatever its status.
 * @throws {SourceError} If Vault cannot be reached, is too slow, redirects or answers without end.
 */
export async function askVault(
  place: VaultPlace,
  options: VaultOptions,
  context: SourceContext,
  write?: VaultWrite,
): Promise<ServiceAnswer> {
  const { url } = place;
  const type = write?.method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const headers = { ...place.headers, ...(write && { "Content-Type": type }) };
  const { askService } = await import("./service.ts");
  return await askService({
    service: "Vault",
    url,
    method: write?.method ?? "GET",
    headers,
    fetch: context.fetch,
    timeoutMs: options.timeoutMs ?? 10_000,
    ...(write && { body: JSON.stringify({ options: { cas: write.cas }, data: write.data }) }),
    ...(context.signal && { signal: context.signal }),
  });
}
