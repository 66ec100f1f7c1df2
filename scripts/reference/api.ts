/**
 * The options of the public functions, read from the doc comments of the code.
 *
 * @module
 */

/** An option, field or property. */
export interface Property {
  /** Its name; optional ones end in `?`. */
  readonly name: string;
  /** Its type as the source writes it. */
  readonly type: string;
  /** Its doc comment in one line. */
  readonly doc: string;
}

/** An interface of the public API. */
export interface ApiInterface {
  /** Its name. */
  readonly name: string;
  /** Its doc comment in one line. */
  readonly doc: string;
  /** Interfaces whose properties it has too. */
  readonly extends: readonly string[];
  /** Its own properties. */
  readonly properties: readonly Property[];
}

// The part of `deno doc --json` (format 2) that is read here.
interface Located {
  readonly location: { readonly filename: string; readonly line: number };
  readonly jsDoc?: { readonly doc?: string };
}
interface DocProperty extends Located {
  readonly name: string;
  readonly optional?: boolean;
}
interface Declaration extends Located {
  readonly kind: string;
  readonly def?: {
    readonly extends?: readonly { readonly repr: string }[];
    readonly properties?: readonly DocProperty[];
  };
}
interface DocOutput {
  readonly nodes: Readonly<
    Record<
      string,
      { readonly symbols: readonly { name: string; declarations: readonly Declaration[] }[] }
    >
  >;
}

/**
 * Reads every exported interface of a module.
 *
 * Needs `--allow-read` and `--allow-run` for Deno itself.
 *
 * @param module The module's address.
 * @returns The interfaces, sorted by name.
 */
export async function readInterfaces(module: URL): Promise<readonly ApiInterface[]> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", module.href],
    stderr: "null",
  }).output();
  if (code !== 0) throw new Error(`Cannot read the doc comments: deno doc ends with ${code}`);
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as DocOutput;
  const sources = new Map<string, string[]>();
  const found: ApiInterface[] = [];
  for (const { name, declarations } of Object.values(nodes).flatMap((node) => node.symbols)) {
    for (const declaration of declarations) {
      if (declaration.kind !== "interface") continue;
      const properties: Property[] = [];
      for (const property of declaration.def?.properties ?? []) {
        const { filename, line } = property.location;
        const lines = sources.get(filename) ??
          (await Deno.readTextFile(new URL(filename))).split("\n");
        sources.set(filename, lines);
        properties.push({
          name: property.optional ? `${property.name}?` : property.name,
          type: typeAt(lines, line, property.name),
          doc: oneLine(property.jsDoc?.doc),
        });
      }
      found.push({
        name,
        doc: oneLine(declaration.jsDoc?.doc),
        extends: (declaration.def?.extends ?? []).map(({ repr }) => repr),
        properties,
      });
    }
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The type that stands after a property's name, up to its `;`, in one line. */
function typeAt(lines: readonly string[], line: number, name: string): string {
  const starts = [name, `"${name}"`].flatMap((text) => [`${text}:`, `${text}?:`]);
  const declared = lines.slice(line - 1).map((text) => text.trim().replace(/^readonly\s+/, ""));
  const first = declared.findIndex((text) => starts.some((start) => text.startsWith(start)));
  let text = "";
  for (const next of declared.slice(first)) {
    text = `${text} ${next}`;
    if (isBalanced(text) && text.endsWith(";")) break;
  }
  return text.slice(text.indexOf(":") + 1, -1).trim()
    .replace(/^\|\s/, "").replace(/\s*\|\s*undefined$/, "");
}

function isBalanced(text: string): boolean {
  const count = (characters: RegExp) => text.match(characters)?.length ?? 0;
  return count(/[{([]/g) === count(/[})\]]/g);
}

/** A doc comment without examples and line ends, links as code. */
function oneLine(doc = ""): string {
  return doc.split(/\n\s*```/)[0]!.replace(/\{@link\s+([^}\s|]+)[^}]*\}/g, "`$1`")
    .replace(/\s*\n\s*/g, " ").trim();
}
