// What reading a corpus costs in Deno, and nothing else: the yardstick of `scrub --check`.
function read(folder: string): number {
  let bytes = 0;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) bytes += read(path);
    else if (name.endsWith(".ipynb")) bytes += Deno.readFileSync(path).length;
  }
  return bytes;
}
if (read(Deno.args[0]!) === 0) Deno.exit(1);
