import { StartError } from "./start-error.ts"

/** A variable of the environment has a value that cannot be used. */
export class ConfigError extends StartError {
  constructor(
    readonly variable: string,
    readonly problem: string,
    readonly example: string,
  ) {
    super(`${variable} ${problem}, for example ${variable}=${example}.`)
  }
}

/** The environment, or a part of it. */
export type Env = Record<string, string | undefined>

/** First value that is set; an empty one counts as unset. Names after the first are older ones. */
function valueOf(env: Env, names: readonly string[]): { name: string; value: string } | null {
  for (const name of names) {
    const value = env[name]?.trim()
    if (value) return { name, value }
  }
  return null
}

/** Reads variables one by one; each reader takes the name, or the name with its older ones. */
export function envReader(env: Env) {
  const find = (name: string | readonly string[]) => valueOf(env, typeof name === "string" ? [name] : name)

  const text = (name: string | readonly string[]): string | null => find(name)?.value ?? null

  const integer = (
    name: string | readonly string[],
    standard: number,
    { min = 1, max = Number.MAX_SAFE_INTEGER } = {},
  ): number => {
    const found = find(name)
    if (!found) return standard
    const number = /^\d+$/.test(found.value) ? Number(found.value) : Number.NaN
    if (number >= min && number <= max) return number
    const bounds = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
    throw new ConfigError(found.name, `is "${found.value}" and must be a whole number ${bounds}`, String(standard))
  }

  /** A number that may have a point. */
  const decimal = (name: string, standard: number, { min }: { min: number }): number => {
    const found = find(name)
    if (!found) return standard
    const number = /^\d+(\.\d+)?$/.test(found.value) ? Number(found.value) : Number.NaN
    if (number >= min) return number
    throw new ConfigError(found.name, `is "${found.value}" and must be a number of at least ${min}`, String(standard))
  }

  /** Bytes, also written with a unit of 1,024: 512m, 2g. */
  const bytes = (name: string, standard: string, { min }: { min: number }): number => {
    const found = find(name) ?? { name, value: standard }
    const [, digits, unit] = /^(\d+(?:\.\d+)?)([kmgt]?)b?$/i.exec(found.value) ?? []
    const result = Math.round(Number(digits) * 1024 ** " kmgt".indexOf(unit?.toLowerCase() || " "))
    if (result >= min) return result
    const least = `${Math.round(min / 1024 ** 2)}m`
    throw new ConfigError(found.name, `is "${found.value}" and must be a size of at least ${least}`, standard)
  }

  const flag = (name: string, standard: boolean): boolean => {
    const found = find(name)
    if (!found) return standard
    if (/^(true|1|yes|on)$/i.test(found.value)) return true
    if (/^(false|0|no|off)$/i.test(found.value)) return false
    throw new ConfigError(found.name, `is "${found.value}" and must be true or false`, String(standard))
  }

  const choice = <T extends string>(name: string | readonly string[], standard: T, choices: readonly T[]): T => {
    const found = find(name)
    if (!found) return standard
    const chosen = choices.find((one) => one === found.value.toLowerCase())
    if (chosen) return chosen
    throw new ConfigError(found.name, `is "${found.value}" and must be one of ${choices.join(", ")}`, standard)
  }

  const list = (name: string): string[] =>
    (find(name)?.value ?? "")
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean)

  /** Seconds, also written with a unit: 15, 15s, 2m, 500ms. */
  const seconds = (name: string | readonly string[], standard: number): number => {
    const found = find(name)
    if (!found) return standard
    const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(found.value) ?? []
    const result = Number(digits) * { ms: 0.001, s: 1, m: 60, h: 3600 }[unit ?? "s"]!
    if (result > 0) return result
    throw new ConfigError(found.name, `is "${found.value}" and must be a time in seconds`, `${standard}s`)
  }

  /** An http or https address; returns what was written, without a slash at the end. */
  const address = (name: string, example: string): string | null => {
    const found = find(name)
    if (!found) return null
    const url = URL.canParse(found.value) ? new URL(found.value) : null
    if (url && (url.protocol === "http:" || url.protocol === "https:")) return found.value.replace(/\/+$/, "")
    throw new ConfigError(found.name, `is "${found.value}" and must be an http or https address`, example)
  }

  return { find, text, integer, decimal, bytes, flag, choice, list, seconds, address }
}
