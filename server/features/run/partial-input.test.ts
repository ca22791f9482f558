import { expect, test } from "bun:test"
import { PartialInput } from "./partial-input.ts"

const read = (json: string, cuts: number) => {
  const input = new PartialInput()
  for (let at = 0; at < json.length; at += cuts) input.push(json.slice(at, at + cuts))
  return { path: input.path, lines: input.lines }
}

test.each([1, 2, 3, 7, 1000])("reads path and lines of a call cut every %d characters", (cuts) => {
  const content = 'one "quoted" \\ line\nzwei \u00e4\u{1f600}\n\tthree {"path": "no"}, \\n\n'
  expect(read(JSON.stringify({ path: 'src/\u00fcber "x".js', content }), cuts)).toEqual({
    path: 'src/\u00fcber "x".js',
    lines: 3,
  })
  expect(read(JSON.stringify({ content: "a\nb", path: "late.txt" }), cuts)).toEqual({ path: "late.txt", lines: 2 })
  expect(read('{"path":"a","content":"x\\u000ay\\u000Az"}', cuts)).toEqual({ path: "a", lines: 3 })
})

test("counts while the text is still open", () => {
  const input = new PartialInput()
  input.push('{"pa')
  expect(input.path).toBeUndefined()
  input.push('th": "index.ht')
  expect(input.path).toBeUndefined()
  input.push('ml", "content": "<html>')
  expect([input.path, input.lines]).toEqual(["index.html", 1])
  input.push("\\")
  input.push("n<body>\\n")
  expect(input.lines).toBe(2)
})

test("names only the file of the call itself, and counts each text of an edit", () => {
  const edits = [
    { search: "a\nb", replace: "c", path: "inner" },
    { search: "d", replace: "" },
  ]
  expect(read(JSON.stringify({ path: "app.js", edits }), 4)).toEqual({ path: "app.js", lines: 4 })
  expect(read(JSON.stringify({ query: "path\npath" }), 4)).toEqual({ path: undefined, lines: 0 })
})

test("is not upset by what is no JSON", () => {
  expect(() => read('}}]["\\u12x"{{"path":"\\uD800', 3)).not.toThrow()
  expect(read('{"path":"\\ud83d\\ude00.js"}', 5).path).toBe("\u{1f600}.js")
})
