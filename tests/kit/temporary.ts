/** A folder that is removed when the scope ends: `using folder = temporaryFolder();`. */
export interface TemporaryFolder extends Disposable {
  /** Absolute path, symbolic links resolved. */
  readonly path: string;
}

/** Creates a temporary folder for one test. */
export function temporaryFolder(): TemporaryFolder {
  const path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "hushbook-test-" }));
  return {
    path,
    [Symbol.dispose]() {
      Deno.removeSync(path, { recursive: true });
    },
  };
}
