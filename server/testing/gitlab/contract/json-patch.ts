export interface PatchStep {
  op: "add" | "remove" | "replace"
  path: string
  value?: unknown
}

/** Applies a JSON Patch (RFC 6902) in place, as far as the errata use it. Throws where it does not fit. */
export function applyPatch(document: unknown, steps: readonly PatchStep[]): void {
  for (const { op, path, value } of steps) {
    const keys = path.split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~")) // prettier-ignore
    const last = keys.pop() ?? ""
    const parent = keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
    if (typeof parent !== "object" || parent === null) throw new Error(`the patch does not fit: ${path}`)
    const target = parent as Record<string, unknown>
    if (op !== "add" && !(last in target)) throw new Error(`the patch does not fit: ${path}`)
    if (op === "remove") delete target[last]
    else target[last] = value
  }
}
