import { describe, expect, test } from "bun:test"
import { replaceOnce } from "./match.ts"

const file = `function total(items) {
  let sum = 0
  for (const item of items) {
    sum += item.price * item.count
  }
  return sum
}

function label(item) {
    return "Name: " + item.name
}
`

describe("replaceOnce", () => {
  const hits: [name: string, text: string, search: string, replace: string, expected: string][] = [
    ["exactly", file, "let sum = 0", "let sum = 1", file.replace("let sum = 0", "let sum = 1")],
    ["a part of a line", "a b c", " b ", "-", "a-c"],
    ["$ as it is", "price", "price", "$& $1 $$", "$& $1 $$"],
    [
      "without regard to indentation, keeping the file's",
      "  if (a) {\n    b()\n  }\n",
      "if (a) {\n  b()\n}",
      "if (c) {\n  d()\n}",
      "  if (c) {\n    d()\n  }\n",
    ],
    ["with trailing white space in the file", "a  \nb\t\nc\n", "a\nb\n", "x\ny\n", "x\ny\nc\n"],
    ["with tabs for spaces", "\tone\n\ttwo\n", "  one\n  two", "  three", "\tthree\n"],
    ["with CRLF, which stays", "a\r\nb\r\nc\r\n", "a\nb", "x\ny", "x\r\ny\r\nc\r\n"],
    ["with curly quotes in the search", 'say("it\'s")\n', "say(\u201Cit\u2019s\u201D)", "say(1)", "say(1)\n"],
    ["with long dashes and hard spaces in the file", "a\u00a0\u2014 b\n", "a - b", "c", "c\n"],
    ["a removal of whole lines", "a\n  b\nc\n", "  b\n", "", "a\nc\n"],
    ["a removal by lines", "a\n   b  b\nc\n", "b b", "", "a\nc\n"],
    ["blank lines around the search", "a\nb\n", "\n\na\n\n", "x\n", "x\nb\n"],
  ]
  test.each(hits)("replaces %s", (_, text, search, replace, expected) => {
    expect(replaceOnce(text, search, replace)).toEqual({ text: expected })
  })

  test("prefers the exact place over a look-alike", () => {
    expect(replaceOnce("  a\na \n a", "a \n", "b\n")).toEqual({ text: "  a\nb\n a" })
  })

  test("refuses what stands in several places, and says where", () => {
    expect(replaceOnce("x\na\nx\n", "x", "y")).toEqual({ problem: expect.stringContaining("2 places (lines 1, 3)") })
    expect(replaceOnce(" x;\na\n  x;\n", "\tx;", "y")).toEqual({
      problem: expect.stringContaining("2 places (lines 1, 3)"),
    })
  })

  test("a miss shows the nearest real lines with their numbers", () => {
    const result = replaceOnce(file, "  for (const entry of items) {\n    sum += entry.price\n  }", "")
    expect(result).toEqual({
      problem: expect.stringContaining("3|   for (const item of items) {\n4|     sum += item.price * item.count"),
    })
  })

  test("a miss says when the new text is there already", () => {
    expect(replaceOnce("const a = 2\n", "const a = 1\nconst b", "const a = 2")).toEqual({
      problem: expect.stringContaining("in the file already"),
    })
  })

  test("says so when nothing is near, and when search is empty", () => {
    expect(replaceOnce(file, "SELECT * FROM users", "")).toEqual({ problem: expect.stringContaining("read_files") })
    expect(replaceOnce(file, " \n", "x")).toEqual({ problem: expect.stringContaining("empty") })
  })

  test("is quick in a large file", () => {
    const large = Array.from({ length: 20_000 }, (_, n) => `  const value${n} = compute(${n}, "${n}")`).join("\n")
    const start = performance.now()
    replaceOnce(large, "const valueX = compute(\nnothing like it\nanywhere", "y")
    expect(performance.now() - start).toBeLessThan(5_000)
  })
})
