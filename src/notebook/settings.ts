/**
 * The settings of a repository: `hushbook.json` at its root, checked in, so that everybody, the
 * hook and CI strip in the same way.
 *
 * ```json
 * {
 *   "keepOutput": ["gallery/**"],
 *   "keepCount": false,
 *   "extraKeys": ["metadata.kernelspec", "cell.metadata.colab"],
 *   "keepMetadataKeys": ["cell.metadata.scrolled"],
 *   "dropEmptyCells": false,
 *   "dropTaggedCells": ["scratch"],
 *   "stripInitCells": false,
 *   "maxSize": "1k",
 *   "dropOutputType": ["stream:stderr"],
 *   "keepOutputType": ["error"]
 * }
 * ```
 *
 * Every key may be left out: flags are then false, lists empty, `maxSize` 0. `keepOutput` may also
 * be true, for every notebook. Nothing here, and no other file, relaxes the search for tokens.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { isOutputType, parseSize } from "./option_text.ts";
import { pathPattern } from "./path_pattern.ts";
import { refuseKey } from "./removable.ts";
import type { StripOptions } from "./strip.ts";

/** Name of the settings file. */
export const SETTINGS_FILE = "hushbook.json";

/** Valid settings. */
export interface Settings {
  /** What to remove and what to keep, in every notebook. */
  readonly strip: StripOptions;
  /**
   * Notebooks that keep their outputs besides: patterns for paths relative to the settings file.
   */
  readonly keepOutput: readonly string[];
}

/** Settings where there is no file. */
export const NO_SETTINGS: Settings = { strip: {}, keepOutput: [] };

type Check = (value: unknown) => unknown;

/** What a value must be, in words, and a check that gives the value to use, or undefined. */
interface Rule {
  readonly wanted: string;
  readonly check: Check;
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function texts(wanted: string, accepts: (text: string) => boolean = () => true): Rule {
  return {
    wanted: `a list of ${wanted}`,
    check: (value) =>
      Array.isArray(value) && value.every((item) => isText(item) && accepts(item))
        ? value
        : undefined,
  };
}

const FLAG: Rule = {
  wanted: "true or false",
  check: (value) => typeof value === "boolean" ? value : undefined,
};
const TYPES = texts('output types such as "error" or "stream:stderr"', isOutputType);
const RULES: Readonly<Record<string, Rule>> = {
  keepOutput: {
    wanted: "true, false, or a list of path patterns",
    check: (value) => FLAG.check(value) ?? texts("").check(value),
  },
  keepCount: FLAG,
  extraKeys: texts(
    'keys such as "metadata.foo" or "cell.metadata.bar", none of which a notebook needs to be valid',
    (key) => refuseKey(key) === undefined,
  ),
  keepMetadataKeys: texts('keys such as "cell.metadata.scrolled"'),
  dropEmptyCells: FLAG,
  dropTaggedCells: texts("tags"),
  stripInitCells: FLAG,
  maxSize: {
    wanted: 'a number of characters, or text such as "10k"',
    check: (value) =>
      typeof value === "number" && Number.isSafeInteger(value) && value >= 0
        ? value
        : isText(value)
        ? parseSize(value)
        : undefined,
  },
  dropOutputType: TYPES,
  keepOutputType: TYPES,
};
const ALLOWED = Object.keys(RULES).join(", ");

/** A key in the message: in full where it is too short to be a token. */
function quoted(key: string): string {
  return /^[\w$-]{1,30}$/.test(key) ? `"${key}"` : "one of its keys";
}

function likelyMeant(key: string): string {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, "").replace(/s$/, "");
  const meant = Object.keys(RULES).find((known) => plain(known) === plain(key));
  return meant === undefined ? "" : `, did you mean "${meant}"?`;
}

/**
 * Reads settings.
 *
 * @param bytes The content of the file.
 * @param path Its path, for messages only.
 * @returns Valid settings.
 * @throws {ConfigError} When it is not JSON, has an unknown key or a wrong value; the message says
 * which and what is allowed.
 */
export function parseSettings(bytes: Uint8Array, path: string = SETTINGS_FILE): Settings {
  const refuse = (why: string) => new ConfigError(`Cannot use the settings in ${path}: ${why}`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw refuse(
      "the file is not valid JSON in UTF-8; comments and trailing commas are not allowed",
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse(`the outermost value is not an object; allowed keys are ${ALLOWED}`);
  }
  const strip: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(value)) {
    if (key === "$schema") continue;
    const rule = Object.hasOwn(RULES, key) ? RULES[key] : undefined;
    if (rule === undefined) {
      throw refuse(
        `${quoted(key)} is not a setting${likelyMeant(key)}; allowed keys are ${ALLOWED}`,
      );
    }
    const checked = rule.check(given);
    if (checked === undefined) throw refuse(`"${key}" is not ${rule.wanted}`);
    strip[key] = checked;
  }
  const patterns = Array.isArray(strip.keepOutput) ? strip.keepOutput as string[] : [];
  // `false` is the default, not an order to clear notebooks that ask for their outputs themselves.
  if (strip.keepOutput !== true) delete strip.keepOutput;
  return { strip: strip as StripOptions, keepOutput: patterns };
}

/**
 * Whether the settings say that a notebook's outputs are meant to be kept.
 *
 * @param settings The settings of its repository.
 * @param path Its path, relative to the settings file, with `/` between names.
 * @returns True when a pattern of `keepOutput` matches.
 */
export function keepsOutput(settings: Settings, path: string): boolean {
  return settings.keepOutput.some((pattern) => pathPattern(pattern)(path));
}

/**
 * The options for one notebook: the settings, and what the command line adds to them.
 *
 * @param settings The settings of its repository.
 * @param path Its path, relative to the settings file, with `/` between names; or what
 * {@link keepsOutput} says of it.
 * @param flags Options of the command line: lists are added to those of the settings, other values
 * replace them.
 * @returns The options to strip it with.
 */
export function optionsFor(
  settings: Settings,
  path: string | boolean,
  flags: StripOptions = {},
): StripOptions {
  const { strip } = settings;
  const keep = typeof path === "string" ? keepsOutput(settings, path) : path;
  const both = (
    name:
      | "extraKeys"
      | "keepMetadataKeys"
      | "dropTaggedCells"
      | "dropOutputType"
      | "keepOutputType",
  ) => [...strip[name] ?? [], ...flags[name] ?? []];
  return {
    ...strip,
    ...(keep ? { keepOutput: true } : {}),
    ...flags,
    extraKeys: both("extraKeys"),
    keepMetadataKeys: both("keepMetadataKeys"),
    dropTaggedCells: both("dropTaggedCells"),
    dropOutputType: both("dropOutputType"),
    keepOutputType: both("keepOutputType"),
  };
}
