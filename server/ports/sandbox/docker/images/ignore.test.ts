import { expect, test } from "bun:test"
import { dockerIgnores } from "./ignore.ts"

test.each([
  ["*.env", [".env", "a.env"], ["sub/a.env", "a.envy"]],
  ["**/*.env", [".env", "a/b/c.env"], ["a/env"]],
  ["docs/", ["docs/a", "docs/b/c"], ["a/docs/b", "docset"]],
  ["/docs", ["docs/a"], ["a/docs"]],
  ["*/temp", ["a/temp", "a/temp/b"], ["temp", "a/b/temp"]],
  ["a?c", ["abc", "abc/d"], ["ac", "a/c"]],
  ["[a-c]x", ["ax", "cx/y"], ["dx"]],
  ["*\n!keep.md", ["a", "a/b"], ["keep.md"]],
  ["!keep.md\n*", ["keep.md"], []],
  ["**\n!src/**", ["a", "b/src"], ["src/a", "src/a/b"]],
  ["# words\n  # words \n\n.", [], ["a", "words"]],
  ["{a,b}", ["{a,b}"], ["a", "b"]],
  ["\\*", ["*"], ["a"]],
  ["../a", [], ["a"]],
])("%j", (text, left, taken) => {
  const ignores = dockerIgnores(text)
  expect(left.filter((path) => !ignores(path))).toEqual([])
  expect(taken.filter(ignores)).toEqual([])
})

test("no rule takes long to find that it does not name a path", () => {
  const rules = [`${"*a".repeat(12)}b`, `${"**/*a".repeat(60)}/b`, `${"**/a/".repeat(60)}b`, `${"[a]*".repeat(30)}b`]
  const ignores = dockerIgnores(rules.join("\n"))
  const began = performance.now()
  for (const path of ["a".repeat(250), "a/".repeat(60) + "c", `${"a".repeat(60)}/`.repeat(12) + "c"]) {
    expect(ignores(path)).toBe(false)
  }
  expect(performance.now() - began).toBeLessThan(1_000)
})
