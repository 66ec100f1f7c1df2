/**
 * Packages that only some users need: loaded when their source is used, and not before.
 *
 * @module
 */

import { SourceError } from "../errors.ts";

/**
 * Loads an optional npm package. Its specifier must not be written inside `import()` by the caller:
 * Deno would then download the package, tens of megabytes for some, for everyone who imports
 * hushbook.
 *
 * @param specifier With its version, such as `npm:@azure/identity@^4.14.1`.
 * @param purpose What needs it, to follow "Cannot", such as `read the token from Azure Key Vault`.
 * @param together All the packages that are needed for that, for the advice. Default: only this
 * one.
 * @returns The package's exports.
 * @throws {SourceError} `source-package` if it is not there and cannot be fetched, or its native
 * part does not load.
 */
export async function loadOptionalPackage<T>(
  specifier: string,
  purpose: string,
  together: readonly string[] = [specifier],
): Promise<T> {
  try {
    return await import(specifier);
  } catch (error) {
    const name = specifier.replace(/^npm:/u, "");
    const permission = error instanceof Deno.errors.NotCapable;
    throw new SourceError(
      "source-package",
      permission
        ? `Cannot ${purpose}: the package ${name} may not be loaded; it needs --allow-read, --allow-env, --allow-sys and, where it has a native part, --allow-ffi`
        : `Cannot ${purpose}: the package ${name} is not on this machine and could not be loaded; run \`deno cache ${
          together.join(" ")
        }\` once where the npm registry can be reached`,
    );
  }
}
