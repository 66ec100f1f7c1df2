/** Notebooks for tests. */

/** A cell in brief: source of a code cell, or the whole cell. */
export type CellLike = string | Record<string, unknown>;

/**
 * A notebook of the Deno kernel, nbformat 4.5, as text.
 *
 * @param cells Sources of code cells, or whole cells.
 */
export function denoNotebook(cells: readonly CellLike[]): string {
  const notebook = {
    cells: cells.map((cell, i) => ({
      cell_type: "code",
      execution_count: null,
      id: `cell-${i}`,
      metadata: {},
      outputs: [],
      source: [],
      ...(typeof cell === "string" ? { source: cell.split(/(?<=\n)/) } : cell),
    })),
    metadata: {
      kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return JSON.stringify(notebook, null, 1) + "\n";
}
