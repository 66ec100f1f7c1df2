// What most tools do, as fast as Deno can: JSON.parse, clear, JSON.stringify, write in place. It is no
// match in care (it changes spellings, is not atomic, finds no token): only a yardstick of speed.
function strip(folder: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) strip(path);
    if (isDirectory || !name.endsWith(".ipynb")) continue;
    const notebook = JSON.parse(Deno.readTextFileSync(path));
    let changed = false;
    for (const cell of notebook.cells) {
      if (cell.outputs?.length > 0 || cell.execution_count) changed = true;
      if ("outputs" in cell) cell.outputs = [];
      if ("execution_count" in cell) cell.execution_count = null;
      for (const key of ["collapsed", "scrolled"]) delete cell.metadata[key];
    }
    delete notebook.metadata.widgets;
    if (changed) Deno.writeTextFileSync(path, `${JSON.stringify(notebook, null, 1)}\n`);
  }
}
strip(Deno.args[0]!);
