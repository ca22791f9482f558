import { expect, test } from "bun:test"
import { lineChanges } from "./line-changes.ts"

test("counts the shortest edit, as git does", () => {
  expect(lineChanges("", "")).toEqual({ added: 0, removed: 0 })
  expect(lineChanges("", "a\nb")).toEqual({ added: 2, removed: 0 })
  expect(lineChanges("a\nb\n", "")).toEqual({ added: 0, removed: 2 })
  expect(lineChanges("a\nb\nc\n", "a\nx\nc\n")).toEqual({ added: 1, removed: 1 })
  expect(lineChanges("a\nb\nc\nd\n", "b\nc\nd\ne\n")).toEqual({ added: 1, removed: 1 })
  expect(lineChanges("a\nb", "a\nb\n")).toEqual({ added: 1, removed: 1 })
  expect(lineChanges("a\na\nb\n", "a\nb\nb\n")).toEqual({ added: 1, removed: 1 })
})

test("two large texts with nothing in common are counted, soon", () => {
  const text = (mark: string) => Array.from({ length: 20_000 }, (_, at) => `${mark}${at}\n`).join("")
  const start = performance.now()
  expect(lineChanges(text("a"), `${text("b")}a1\n`)).toEqual({ added: 20_000, removed: 19_999 })
  expect(performance.now() - start).toBeLessThan(2_000)
})
