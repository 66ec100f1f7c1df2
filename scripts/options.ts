/**
 * Reads the arguments of a command: options with and without values, and names.
 *
 * @module
 */

import { UsageError } from "../src/errors.ts";

/** Which options a command knows. */
export interface OptionSpec {
  /** Options without a value, such as `--check`. */
  readonly flags: readonly string[];
  /** Options with a value, such as `--max-size`; each may be given more than once. */
  readonly values?: readonly string[];
  /** Other spellings, such as `-q` for `--quiet`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /**
   * Options that take several values in a row, such as `--keep-output-type error stream`, and what
   * a further value looks like.
   */
  readonly several?: Readonly<Record<string, (value: string) => boolean>>;
}

/** What was given. */
export interface GivenOptions {
  /** The flags, by their full names. */
  readonly flags: ReadonlySet<string>;
  /** The values of each option, in order. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Everything that is no option. */
  readonly names: readonly string[];
}

/**
 * An argument as a message may show it: shortened, so that no token pasted by mistake is printed.
 */
function shown(argument: string): string {
  return argument.length > 30 ? `${argument.slice(0, 12)}…` : argument;
}

function unknownOption(option: string, spec: OptionSpec): UsageError {
  const known = [...spec.flags, ...spec.values ?? []];
  const plain = (text: string) => text.replaceAll(/[^a-z]/gi, "").toLowerCase().replace(/s$/, "");
  const meant = known.find((name) => plain(name) === plain(option)) ??
    known.find((name) => option.length > 4 && name.startsWith(option));
  return new UsageError(
    `Cannot understand the option ${shown(option)}: there is none of this name` +
      (meant === undefined ? "; --help lists all" : `; did you mean ${meant}?`),
  );
}

/**
 * Reads arguments. `--name value` and `--name=value` are the same; after `--` everything is a name;
 * a single `-` is a name.
 *
 * @param args The arguments.
 * @param spec Which options there are.
 * @returns What was given.
 * @throws {UsageError} For an unknown option, a missing value, a value where none belongs, or an
 * empty name: `scrub "$UNSET"` must not clear the whole folder.
 */
export function readOptions(args: readonly string[], spec: OptionSpec): GivenOptions {
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  const names: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const argument = args[at]!;
    if (argument === "--") {
      names.push(...args.slice(at + 1));
      break;
    }
    if (!argument.startsWith("-") || argument === "-") {
      names.push(argument);
      continue;
    }
    const equals = argument.startsWith("--") ? argument.indexOf("=") : -1;
    const written = equals < 0 ? argument : argument.slice(0, equals);
    const option = spec.aliases?.[written] ?? written;
    if (spec.flags.includes(option)) {
      if (equals >= 0) throw new UsageError(`Cannot use ${option} so: it takes no value`);
      flags.add(option);
    } else if (spec.values?.includes(option)) {
      const value = equals < 0 ? args[++at] : argument.slice(equals + 1);
      if (value === undefined) {
        throw new UsageError(`Cannot use ${option} so: its value is missing`);
      }
      const list = values.get(option) ?? [];
      values.set(option, [...list, value]);
      const more = spec.several?.[option];
      while (more !== undefined && at + 1 < args.length && more(args[at + 1]!)) {
        values.get(option)!.push(args[++at]!);
      }
    } else {
      throw unknownOption(written, spec);
    }
  }
  if (names.includes("")) {
    throw new UsageError(
      "Cannot use an empty name: a variable without a value, perhaps; leave the name out to mean all",
    );
  }
  return { flags, values, names };
}
