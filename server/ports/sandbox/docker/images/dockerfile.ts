import { SandboxError } from "../../port.ts"

export interface DockerfileRead {
  /** Images that it begins with or copies from, without those that it makes itself. */
  images: string[]
  /** Line numbers, from 1, after which a stage has begun. */
  stageLines: number[]
  /** Whether anything of the project goes into it. */
  takesFiles: boolean
}

interface Instruction {
  word: string
  rest: string
  line: number
  lastLine: number
}

const most = 256_000

/**
 * Reads which images a Dockerfile takes, as the engine's builder does: an engine also takes the first digits of an
 * id for a name, so each is looked at before. What could be read in two ways is refused in words for whoever wrote it.
 */
export function readDockerfile(bytes: Uint8Array, path: string, args: Record<string, string>): DockerfileRead {
  const refuse = (words: string, line?: number): never => {
    throw new SandboxError(`${path}${line === undefined ? "" : `, line ${line}`}: ${words}`, "")
  }
  if (bytes.length > most) refuse("the file is too large for a Dockerfile")
  const text = decode(bytes) ?? refuse("the file is no text")
  const values = new Map<string, string | null>()
  const stages = new Set<string>()
  let stage: string | undefined
  const read: DockerfileRead = { images: [], stageLines: [], takesFiles: false }
  for (const { word, rest, line, lastLine } of instructionsOf(text, refuse)) {
    const { flags, others } = split(rest)
    if (word === "ARG" && read.stageLines.length === 0)
      for (const [name, value] of argsOf(rest)) values.set(name, value)
    if (word === "RUN" && flags.length > 0) refuse("RUN takes no options here", line)
    if (/<<-?["']?[A-Za-z_]/.test(rest)) refuse("text after `<<` is not used here; join commands with &&", line)
    if (word === "ONBUILD") refuse("ONBUILD is not used here", line)
    if (!["FROM", "COPY", "ADD"].includes(word)) continue
    if (flags.some((flag) => /["'\\]/.test(flag))) refuse("write its options without quotes and backslashes", line)
    // The engine itself would fetch it, from where it stands.
    if (word === "ADD" && /[$\\]|:\/\/|git@|github\.com/.test(rest.replaceAll(/["']/g, "")))
      refuse("ADD takes files of the project by their plain names; fetch others with RUN", line)
    // A stage has its name for those after it, not for itself.
    if (word === "FROM" && stage !== undefined) stages.add(stage)
    const sources =
      word === "FROM" ? others.slice(0, 1) : flags.flatMap((flag) => /^--from=(.*)$/.exec(flag)?.[1] ?? [])
    for (const source of sources) {
      const name = word === "FROM" ? expand(source, values, args) : source
      if (name === null) return refuse(`${source} cannot be read; name the image itself`, line)
      const own = stages.has(name.toLowerCase()) || (word !== "FROM" && /^\d{1,3}$/.test(name))
      if (!own && name !== "scratch") read.images.push(name)
    }
    if (word !== "FROM" && !flags.some((flag) => flag.startsWith("--from="))) read.takesFiles = true
    if (word !== "FROM") continue
    stage = others[1]?.toUpperCase() === "AS" ? others[2]?.toLowerCase() : undefined
    read.stageLines.push(lastLine)
  }
  if (read.stageLines.length === 0) refuse("it has no FROM, so it begins with no image")
  return { ...read, images: [...new Set(read.images)] }
}

function decode(bytes: Uint8Array): string | null {
  try {
    // U+0085 is a space to the builder, but not to us.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\u0085", " ")
  } catch {
    return null
  }
}

/** Instructions with the lines that go on after a backslash; comments and empty lines among them do not count. */
function* instructionsOf(text: string, refuse: (words: string, line?: number) => never): Generator<Instruction> {
  let open = ""
  let begun = 0
  const lines = text.split("\n")
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, "")
    const number = index + 1
    if (/^\s*#\s*escape\s*=/i.test(line)) refuse("`# escape` is not used here", number)
    if (line.trim() === "" || /^\s*#/.test(line)) continue
    if (/\\\\[ \t]*$/.test(line)) refuse("two backslashes at the end of a line can be read in two ways", number)
    if (open === "") begun = number
    const goesOn = /\\[ \t]*$/.test(line)
    open += line.replace(/\\[ \t]*$/, "")
    if (goesOn && index < lines.length - 1) continue
    yield* instruction(open, begun, number)
    open = ""
  }
  yield* instruction(open, begun, lines.length)
}

function* instruction(text: string, line: number, lastLine: number): Generator<Instruction> {
  const [, word, rest = ""] = /^\s*(\S+)([\s\S]*)$/.exec(text) ?? []
  if (word !== undefined) yield { word: word.toUpperCase(), rest: rest.trim(), line, lastLine }
}

function split(rest: string): { flags: string[]; others: string[] } {
  const words = rest.split(/\s+/).filter((word) => word !== "")
  const first = words.findIndex((word) => !word.startsWith("--"))
  return first < 0 ? { flags: words, others: [] } : { flags: words.slice(0, first), others: words.slice(first) }
}

/** `NAME=value` of an ARG; null where the value is more than plain characters. */
function argsOf(rest: string): [string, string | null][] {
  return rest.split(/\s+/).flatMap((word): [string, string | null][] => {
    const [, name, value] = /^([A-Za-z_]\w*)(?:=(.*))?$/.exec(word) ?? []
    if (name === undefined) return []
    if (value === undefined) return [[name, ""]]
    const plain = /^(["']?)([\w./:@-]*)\1$/.exec(value)?.[2]
    return [[name, plain ?? null]]
  })
}

/** `$NAME` and `${NAME}` of a FROM; null for anything else that is not plain. */
function expand(text: string, values: Map<string, string | null>, args: Record<string, string>): string | null {
  let readable = true
  const expanded = text.replace(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? ""
    if (!values.has(name)) {
      readable = false
      return ""
    }
    const value = Object.hasOwn(args, name) ? (args[name] ?? "") : values.get(name)
    if (value === null || value === undefined) readable = false
    return value ?? ""
  })
  return readable && /^[\w./:@-]+$/.test(expanded) ? expanded : null
}
