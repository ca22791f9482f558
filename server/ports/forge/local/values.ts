import type { Variable, Variables } from "./checks-file.ts"
import { ChecksFileError, unsupported } from "./checks-file-error.ts"
import { durationMs } from "./duration.ts"
import type { Located, LocatedMap } from "./located.ts"

/** Says what a key must be when it is something else. */
export const mustBe = (key: string, what: string, line: number): ChecksFileError =>
  new ChecksFileError(`\`${key}\` in the checks file must be ${what}`, line)

export function mapOf(value: Located, key: string): LocatedMap {
  if (value.kind !== "map") throw mustBe(key, "a group of keys", value.line)
  return value
}

/** A group whose keys are all known; the others are refused as `<key>:<name>`. */
export function knownKeys(value: LocatedMap, key: string, known: readonly string[]): LocatedMap {
  for (const [name, entry] of value.entries) if (!known.includes(name)) throw unsupported(`${key}:${name}`, entry.line)
  return value
}

export function stringOf(value: Located, key: string): string {
  if (value.kind === "scalar" && typeof value.value === "string" && value.value !== "") return value.value
  throw mustBe(key, "text", value.line)
}

export function booleanOf(value: Located, key: string): boolean {
  if (value.kind === "scalar" && typeof value.value === "boolean") return value.value
  throw mustBe(key, "`true` or `false`", value.line)
}

export function integersOf(value: Located, key: string): number[] {
  const items = value.kind === "list" ? value.items : [value]
  if (items.length === 0) throw mustBe(key, "a number or a list of numbers", value.line)
  return items.map((item) => {
    if (item.kind === "scalar" && Number.isInteger(item.value)) return Number(item.value)
    throw mustBe(key, "a number or a list of numbers", item.line)
  })
}

/** A list of texts with their lines; one text alone counts as a list where GitLab says so. */
export function textsOf(value: Located, key: string, single = false): { text: string; line: number }[] {
  if (single && value.kind === "scalar") return [{ text: stringOf(value, key), line: value.line }]
  if (value.kind !== "list") throw mustBe(key, "a list", value.line)
  return value.items.map((item) => ({ text: stringOf(item, key), line: item.line }))
}

export function oneOf<T extends string>(value: Located, key: string, choices: readonly T[]): T {
  const text = value.kind === "scalar" ? String(value.value) : ""
  const found = choices.find((choice) => choice === text)
  if (found === undefined) throw unsupported(text === "" ? key : `${key}: ${text}`, value.line)
  return found
}

export function durationOf(value: Located, key: string): number {
  const ms = value.kind === "scalar" ? durationMs(String(value.value)) : null
  if (ms === null) throw mustBe(key, "a duration such as `1h 30m`", value.line)
  return ms
}

/** Script lines: a text, or a list of texts, lists within it unfolded. */
export function scriptOf(value: Located, key: string): string[] {
  if (value.kind === "list") return value.items.flatMap((item) => scriptOf(item, key))
  if (value.kind === "map") {
    throw new ChecksFileError(
      `A line of \`${key}\` holds \`: \` and is read as a key; put the line in quotes`,
      value.line,
    )
  }
  if (value.value === null) return []
  if (typeof value.value !== "string") throw mustBe(key, "a command or a list of commands", value.line)
  return [value.value]
}

export function variablesOf(value: Located, key: string): Variables {
  const variables = new Map<string, Variable>()
  if (value.kind === "scalar" && value.value === null) return variables
  for (const [name, entry] of mapOf(value, key).entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw mustBe(`${key}:${name}`, "a name of letters, digits and _", entry.line)
    variables.set(name, variableOf(entry.value, `${key}:${name}`))
  }
  return variables
}

function variableOf(value: Located, key: string): Variable {
  if (value.kind === "scalar") return { value: value.value === null ? "" : String(value.value), expand: true }
  if (value.kind === "list") throw mustBe(key, "text", value.line)
  const { entries } = knownKeys(value, key, ["value", "description", "options", "expand"])
  const text = entries.get("value")?.value
  const expand = entries.get("expand")?.value
  if (text !== undefined && text.kind !== "scalar") throw mustBe(`${key}:value`, "text", text.line)
  return { value: String(text?.value ?? ""), expand: expand === undefined || booleanOf(expand, `${key}:expand`) }
}
