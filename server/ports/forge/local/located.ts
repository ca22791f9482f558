import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type Scalar } from "yaml"
import { ChecksFileError, unsupported } from "./checks-file-error.ts"

/** A value of a YAML file and the line it stands on. Anchors, aliases and merge keys are resolved. */
export type Located = LocatedScalar | LocatedList | LocatedMap

interface LocatedScalar {
  readonly kind: "scalar"
  readonly line: number
  readonly value: string | number | boolean | null
}

interface LocatedList {
  readonly kind: "list"
  readonly line: number
  readonly items: readonly Located[]
}

export interface LocatedMap {
  readonly kind: "map"
  readonly line: number
  readonly entries: ReadonlyMap<string, LocatedEntry>
}

export interface LocatedEntry {
  readonly line: number
  readonly value: Located
}

/** Bounds of a file; the last two also bound what aliases unfold to. */
export const fileChars = 200_000
const valuesMost = 20_000
const depthMost = 40

const plainTags = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((tag) => `tag:yaml.org,2002:${tag}`),
)

/** Reads a YAML 1.1 document, as GitLab does (`yes` is true, `<<` merges). Throws `ChecksFileError`. */
export function readLocated(text: string): Located {
  if (text.length > fileChars) {
    throw new ChecksFileError(`The checks file is larger than ${fileChars.toLocaleString("en")} characters`, null)
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { version: "1.1", lineCounter: lines, prettyErrors: false })
  const error = document.errors[0]
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0])
    if (error.code === "MULTIPLE_DOCS") throw new ChecksFileError("The checks file holds more than one document", line)
    if (error.code === "DUPLICATE_KEY") throw new ChecksFileError("The checks file says the same key twice", line)
    throw new ChecksFileError(`The checks file is not valid YAML: ${error.message.split("\n")[0]}`, line)
  }
  return new Reader(lines).read(document.contents, 1, 0)
}

class Reader {
  readonly #anchors = new Map<string, Node>()
  #values = 0

  constructor(private readonly lines: LineCounter) {}

  read(node: Node | null, lineOfParent: number, depth: number): Located {
    const line = node?.range ? this.lines.linePos(node.range[0]).line : lineOfParent
    if (++this.#values > valuesMost || depth > depthMost) {
      throw new ChecksFileError("The checks file unfolds to far too much", line)
    }
    if (node === null) return { kind: "scalar", line, value: null }
    if (isAlias(node)) return this.#alias(node.source, line, depth)
    // The parser puts the anchor on the node that it names; the newest of a name is the one that counts.
    if ("anchor" in node && typeof node.anchor === "string") this.#anchors.set(node.anchor, node)
    if (node.tag !== undefined && !plainTags.has(node.tag)) throw unsupported(node.tag, line)
    if (isSeq<Node>(node))
      return { kind: "list", line, items: node.items.map((item) => this.read(item, line, depth + 1)) }
    if (isMap<Node, Node | null>(node)) return this.#map(node.items, line, depth)
    if (isScalar(node)) return { kind: "scalar", line, value: scalarValue(node) }
    throw new ChecksFileError("The checks file holds something that cannot be read", line)
  }

  #alias(name: string, line: number, depth: number): Located {
    const target = this.#anchors.get(name)
    if (target === undefined) throw new ChecksFileError(`The checks file uses \`*${name}\` before \`&${name}\``, line)
    return this.read(target, line, depth + 1)
  }

  #map(pairs: readonly Pair<Node, Node | null>[], line: number, depth: number): LocatedMap {
    const own = new Map<string, LocatedEntry>()
    const merged = new Map<string, LocatedEntry>()
    for (const { key, value } of pairs) {
      const keyLine = key.range ? this.lines.linePos(key.range[0]).line : line
      if (!isScalar(key)) throw new ChecksFileError("The checks file has a key that is not a word", keyLine)
      const read = this.read(value, keyLine, depth + 1)
      if (!isMerge(key)) own.set(key.source ?? String(scalarValue(key)), { line: keyLine, value: read })
      else for (const [name, entry] of mergedEntries(read)) if (!merged.has(name)) merged.set(name, entry)
    }
    // The map's own keys win over merged ones, wherever they stand.
    return { kind: "map", line, entries: new Map([...merged, ...own]) }
  }
}

const isMerge = (key: Scalar): boolean => typeof key.value === "symbol" || (key.source === "<<" && key.type === "PLAIN")

function mergedEntries(value: Located): Iterable<[string, LocatedEntry]> {
  if (value.kind === "map") return value.entries
  // Of several the first wins.
  if (value.kind === "list") return value.items.flatMap((item) => [...mergedEntries(item)])
  throw new ChecksFileError("The checks file merges (`<<`) something that is not a group of keys", value.line)
}

function scalarValue(node: Scalar): LocatedScalar["value"] {
  const { value } = node
  // YAML 1.1 has more words for yes and no than the reader GitLab uses.
  if (typeof value === "boolean" && node.source?.length === 1) return node.source
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value
  if (value === null || value === undefined) return null
  // Dates and other kinds that only YAML 1.1 knows: as written.
  return node.source ?? ""
}
