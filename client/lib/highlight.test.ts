import { expect, test } from "bun:test"
import { extensionOf, languageOf, loadHighlighter } from "./highlight.ts"

test("a fence's language or a file's extension finds its grammar", () => {
  expect([languageOf("JS"), languageOf("yml"), languageOf("tsx"), languageOf("brainfuck"), languageOf("")]).toEqual([
    "javascript",
    "yaml",
    "tsx",
    null,
    null,
  ])
  expect([extensionOf("src/app.test.ts"), extensionOf("Makefile")]).toEqual(["ts", ""])
})

test("a line that has its colours keeps them while the code grows below it", async () => {
  const highlighter = await loadHighlighter("javascript")
  const before = highlighter.lines("/* a\nb */ const x = 1\nlet")
  const after = highlighter.lines("/* a\nb */ const x = 1\nlet y = 2\n")
  expect(after[0]).toBe(before[0])
  expect(after[1]).toBe(before[1])
  expect(after.map((line) => line.map((token) => token.content).join(""))).toEqual([
    "/* a",
    "b */ const x = 1",
    "let y = 2",
    "",
  ])
})

test("a comment over several lines stays a comment", async () => {
  const highlighter = await loadHighlighter("javascript")
  const [, second] = highlighter.lines("/* one\ntwo */\nconst x = 1")
  expect(second?.[0]?.color).toBe("var(--shiki-token-comment)")
})
