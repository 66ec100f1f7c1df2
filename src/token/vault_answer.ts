/**
 * What Vault's answers mean. Its own words are not repeated: they may quote the request.
 *
 * @module
 */

import { SourceError } from "../errors.ts";
import type { ServiceAnswer } from "./service.ts";
import type { FoundToken } from "./source.ts";
import type { VaultPlace } from "./vault_request.ts";

/** What is at a path of the engine. */
export type VaultSecret =
  | { readonly state: "nothing" }
  | { readonly state: "deleted" | "destroyed"; readonly version: number }
  | {
    readonly state: "there";
    /** The newest version; undefined where the answer does not say. */
    readonly version: number | undefined;
    readonly data: Readonly<Record<string, unknown>>;
    readonly createdAt?: number;
  };

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : undefined;
}

/**
 * Reads the answer to a GET request.
 *
 * @param answer The answer.
 * @param place Where was asked.
 * @returns What is there: 404 is Vault's answer for both "never existed" and "deleted", and only
 * the second comes with metadata.
 * @throws {SourceError} If Vault refuses, or it is not the engine that answers.
 */
export function secretIn(answer: ServiceAnswer, place: VaultPlace): VaultSecret {
  const { status, json } = answer;
  const action = actionAt("read", place);
  const outer = record(record(json)?.data);
  const metadata = record(outer?.metadata);
  const version = typeof metadata?.version === "number" ? metadata.version : undefined;
  if (status === 404) {
    if (metadata !== undefined && version !== undefined) {
      return { state: metadata.destroyed === true ? "destroyed" : "deleted", version };
    }
    if (Array.isArray(record(json)?.errors)) return { state: "nothing" };
    const why = "what answered with status 404 is not Vault; check VAULT_ADDR";
    throw new SourceError("source-malformed", `${action}: ${why}`);
  }
  if (status < 200 || status >= 300) throw refusal(answer, place, "read");
  const data = record(outer?.data);
  if (data === undefined) {
    throw new SourceError(
      "source-malformed",
      `${action}: ${
        outer === undefined
          ? "the answer is not Vault's; check VAULT_ADDR"
          : "the answer is not of KV version 2; check that the mount is"
      }`,
    );
  }
  const created = metadata?.created_time;
  const createdAt = typeof created === "string" ? Date.parse(created) : NaN;
  return { state: "there", version, data, ...(Number.isFinite(createdAt) && { createdAt }) };
}

/**
 * Takes the token out of what is there.
 *
 * @param secret What is there.
 * @param field The field.
 * @param place Where it is.
 * @returns The token as it was found, or null if there never was a secret.
 * @throws {SourceError} If it was deleted, or has no such field.
 */
export function tokenIn(
  secret: VaultSecret,
  field: string,
  place: VaultPlace,
): FoundToken | null {
  const { where } = place;
  if (secret.state === "nothing") return null;
  if (secret.state !== "there") {
    throw new SourceError(
      "source-deleted",
      `Cannot read the token from Vault (${where}): its newest version, ${secret.version}, was ${secret.state}; ${
        secret.state === "deleted" ? "undelete it, or " : ""
      }write a new one: hushbook token rotate --home vault:…`,
    );
  }
  const value = secret.data[field];
  if (typeof value !== "string" || value.trim() === "") {
    throw new SourceError(
      "source-malformed",
      `${actionAt("read", place)}: the secret has no text in its field ${
        JSON.stringify(field)
      }; name the right one with \`field\``,
    );
  }
  const { createdAt } = secret;
  return { value, where, ...(createdAt !== undefined && { createdAt }) };
}

/**
 * What Vault's status codes mean beyond HTTP's
 * (https://developer.hashicorp.com/vault/api-docs#http-status-codes).
 */
const NODES: Readonly<Record<number, string>> = {
  412: "its node has not caught up with the others yet; try again",
  472:
    "this is the standby cluster for disasters, which answers nobody; name the active one in VAULT_ADDR",
  473: "this is a standby node that does not do this; name the active one in VAULT_ADDR",
};

/**
 * Why Vault did not do it.
 *
 * @param answer Its answer.
 * @param place Where was asked.
 * @param verb What was wanted.
 * @returns The error to throw.
 */
export function refusal(
  { status, json }: ServiceAnswer,
  place: VaultPlace,
  verb: "read" | "write",
): SourceError {
  const action = actionAt(verb, place);
  const refuse = (code: SourceError["code"], why: string) =>
    new SourceError(code, `${action}: ${why}`);
  const errors = record(json)?.errors;
  const said = Array.isArray(errors) ? errors.join(" ") : undefined;
  if (status === 503 && (said === undefined || /sealed/iu.test(said))) {
    return refuse("source-sealed", "Vault is sealed; ask its operator to unseal it");
  }
  if (status === 401 || status === 403) {
    return refuse(
      "source-denied",
      `permission denied; Vault's token has expired or its policy does not allow ${
        verb === "read" ? "reading" : "writing"
      } this path. Run \`vault login\`, or ask for the policy`,
    );
  }
  if (status === 429) return refuse("source-throttled", "too many requests; wait a minute");
  if (verb === "write" && status === 400 && /check-and-set/iu.test(said ?? "")) {
    return refuse(
      "source-changed",
      "somebody else wrote it meanwhile, and nothing was overwritten; look at it and try again",
    );
  }
  if (verb === "write" && (status === 404 || status === 405)) {
    return refuse(
      "source-setup",
      "there is no KV version 2 engine at this mount; check mount and namespace",
    );
  }
  const node = NODES[status];
  if (node !== undefined) return refuse("source-failed", node);
  return refuse(
    status >= 500 ? "source-failed" : "source-setup",
    `it answered with status ${status}; ${
      status >= 500 ? "try again later" : "check mount, path and namespace"
    }`,
  );
}

function actionAt(verb: "read" | "write", { where, url }: VaultPlace): string {
  return `Cannot ${
    verb === "read" ? "read the token from" : "write the token to"
  } Vault (${where} at ${url.host})`;
}
