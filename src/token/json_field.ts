/**
 * A token inside a secret that a cloud service keeps: the whole text, or one field of a JSON
 * object.
 *
 * @module
 */

import { SourceError } from "../errors.ts";

/** The fields that are looked for when none is named, in this order. */
const USUAL_FIELDS = ["HF_TOKEN", "token", "huggingface_token", "value"];

/** Numbers stay as they are written: a long one would lose digits, and belongs to somebody else. */
const asWritten = (_key: string, value: unknown, { source }: { source?: string }) =>
  typeof value === "number" && source !== undefined ? rawJson(source) : value;

/** `JSON.rawJSON` and the reviver's source are newer than TypeScript's types. */
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };
const parse = JSON.parse as (text: string, reviver: typeof asWritten) => unknown;

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value = parse(text, asWritten);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

function fieldIn(object: Record<string, unknown>, field: string | undefined): string | undefined {
  return field ?? USUAL_FIELDS.find((name) => Object.hasOwn(object, name));
}

/**
 * Takes the token out of a secret's text.
 *
 * @param text The secret as the service gave it.
 * @param field The field to take; without it, the usual ones are tried.
 * @param where Which secret, for the error.
 * @returns The token as it was found; it is cleaned and validated by who asked.
 * @throws {SourceError} `source-malformed` if there is no text, or no such field.
 */
export function jsonField(text: unknown, field: string | undefined, where: string): string {
  if (typeof text !== "string" || text.trim() === "") {
    throw new SourceError(
      "source-malformed",
      `Cannot read the token from ${where}: the secret holds no text; store the token as a string`,
    );
  }
  const object = objectOf(text);
  if (object === undefined && field === undefined) return text;
  const name = object && fieldIn(object, field);
  const value = object && name !== undefined && Object.hasOwn(object, name)
    ? object[name]
    : undefined;
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new SourceError(
    "source-malformed",
    `Cannot read the token from ${where}: ${
      object === undefined
        ? "the secret is plain text and has no fields; leave `field` out"
        : field === undefined
        ? `it has none of the fields ${USUAL_FIELDS.join(", ")}; name the right one with \`field\``
        : `its field ${JSON.stringify(field)} is missing or holds no text; name the right one`
    }`,
  );
}

/**
 * Puts a new token into a secret's text, leaving other fields as they are.
 *
 * @param text The secret as it is.
 * @param field The field to set; without it, the usual one that is there.
 * @param token The new token.
 * @param where Which secret, for the error.
 * @returns The secret's new text.
 * @throws {SourceError} `source-malformed` if a field is named and the secret is plain text.
 */
export function withJsonField(
  text: unknown,
  field: string | undefined,
  token: string,
  where: string,
): string {
  const object = typeof text === "string" ? objectOf(text) : undefined;
  if (object === undefined && field === undefined) return token;
  if (object === undefined && typeof text === "string" && text.trim() !== "") {
    throw new SourceError(
      "source-malformed",
      `Cannot write the token to ${where}: the secret is plain text and has no fields; leave \`field\` out`,
    );
  }
  const name = fieldIn(object ?? {}, field) ?? "HF_TOKEN";
  return JSON.stringify({ ...object, [name]: token });
}
