import { describe, expect, test } from "bun:test"
import { join, relative } from "node:path"

/** The rules that README.md gives for imports, types included, held for every file that is not a test. */
const root = join(import.meta.dir, "..")
const imports = new Map<string, string[]>()
for (const room of ["client", "server", "shared"]) {
  for await (const path of new Bun.Glob(`${room}/**/*.{ts,tsx}`).scan(root)) {
    if (/\.test\.tsx?$|\/(e2e|testing|bench|dist|node_modules)\//.test(path)) continue
    const text = await Bun.file(join(root, path)).text()
    const named = [...text.matchAll(/^(?:import|export)\b[^"']*?\bfrom "([^"]+)"/gms)].map((found) => found[1] ?? "")
    imports.set(
      path,
      named.map((name) => (name.startsWith(".") ? relative(root, join(root, path, "..", name)) : name)),
    )
  }
}

/** `file → what it takes`, of all imports for which `wrong` says so. */
const where = (wrong: (from: string, to: string) => boolean): string[] =>
  [...imports].flatMap(([from, all]) => all.filter((to) => wrong(from, to)).map((to) => `${from} → ${to}`))

const nounOf = (path: string): string | undefined => /^server\/features\/([^/]+)\//.exec(path)?.[1]
const isStore = (path: string): boolean => /^server\/features\/[^/]+\/[a-z-]*store\.ts$/.test(path)

describe("imports", () => {
  test("are read", () => {
    expect(imports.size).toBeGreaterThan(400)
    expect(imports.get("server/main.ts")).toContain("server/config.ts")
  })

  test("lead from client to shared and from server to shared, never back", () => {
    expect(where((from, to) => from.startsWith("server/") && to.startsWith("client/"))).toEqual([])
    expect(where((from, to) => from.startsWith("client/") && /^(server|drizzle)\//.test(to))).toEqual([
      "client/lib/trpc.ts → server/trpc/router.ts",
    ])
    expect(where((from, to) => from.startsWith("shared/") && /^(client|server|drizzle)\//.test(to))).toEqual([
      "shared/client.ts → server/trpc/router.ts",
    ])
  })

  test("of a store stay in its feature", () => {
    expect(where((from, to) => isStore(to) && nounOf(from) !== nounOf(to))).toEqual([])
  })

  test("of an adapter are only where the server is put together", () => {
    const adapter = /^server\/ports\/[^/]+\/[^/]+\//
    const outside = where((from, to) => adapter.test(to) && !from.startsWith("server/ports/"))
    expect(outside.filter((line) => !line.startsWith("server/services.ts"))).toEqual([])
  })

  test("of a vendor's package stay in its adapter", () => {
    expect(where((from, to) => /^(@anthropic-ai|yaml)\b/.test(to) && !from.startsWith("server/ports/"))).toEqual([])
  })

  test("make no circle", () => {
    const done = new Set<string>()
    const circles: string[] = []
    function follow(path: string, way: string[]): void {
      const at = way.indexOf(path)
      if (at >= 0) circles.push([...way.slice(at), path].join(" → "))
      if (at >= 0 || done.has(path)) return
      for (const next of imports.get(path) ?? []) follow(next, [...way, path])
      done.add(path)
    }
    for (const path of imports.keys()) follow(path, [])
    expect(circles).toEqual([])
  })
})
