import { badParameter } from "./answer.ts"
import type { Call } from "./router.ts"

/** A text of the body or the query, null when it is not there. */
export function textOf(call: Call, name: string): string | null {
  const value = call.body[name] ?? call.query[name]
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : null
}

export function mustText(call: Call, name: string): string {
  const value = textOf(call, name)
  if (value === null) throw badParameter(`${name} is missing`)
  return value
}

export function flagOf(call: Call, name: string): boolean | null {
  const value = textOf(call, name)
  return value === null ? null : ["true", "1", "yes"].includes(value)
}

export function numberOf(call: Call, name: string): number | null {
  const value = textOf(call, name)
  if (value === null) return null
  if (!/^-?\d+$/.test(value)) throw badParameter(`${name} is invalid`)
  return Number(value)
}

/** `scope[]=a&scope[]=b`, also one alone. */
export function listOf(call: Call, name: string): string[] {
  const value = call.query[`${name}[]`] ?? call.query[name] ?? call.body[name]
  if (Array.isArray(value)) return value.map(String)
  return typeof value === "string" ? [value] : []
}

/** A number in the path; everything else is not found there. */
export function pathNumber(call: Call, name: string): number {
  const value = call.params[name] ?? ""
  if (!/^\d+$/.test(value)) throw badParameter(`${name} is invalid`)
  return Number(value)
}
