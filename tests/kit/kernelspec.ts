/**
 * Adds a `deno` kernel to a Jupyter data folder, as `deno jupyter --install` would.
 *
 * @param data A folder to name in `JUPYTER_PATH`.
 */
export async function installKernel(data: string): Promise<void> {
  const folder = `${data}/kernels/deno`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    `${folder}/kernel.json`,
    JSON.stringify({
      argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
      display_name: "Deno",
      language: "typescript",
    }),
  );
}
