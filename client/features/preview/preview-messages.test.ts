import { expect, test } from "bun:test"
import { readPreviewMessage } from "./preview-messages.ts"

const source = "gochat-preview"

test("the frame tells its path and its errors", () => {
  expect(readPreviewMessage({ source, type: "path", path: "/items?x=1" })).toEqual({ type: "path", path: "/items?x=1" })
  const stack = "TypeError: x is not a function\n    at app.js:3"
  expect(readPreviewMessage({ source, type: "error", message: "x is not a function", stack })).toEqual({
    type: "error",
    text: stack,
  })
  expect(readPreviewMessage({ source, type: "error", message: "boom", stack: "start@app.js:3" })).toEqual({
    type: "error",
    text: "boom\nstart@app.js:3",
  })
})

test("anything else that an app posts is left alone", () => {
  const foreign = [null, "path", 7, {}, { type: "path", path: "/" }]
  const odd = [
    { source, type: "path", path: 5 },
    { source, type: "path", path: "https://x" },
    { source, type: "error" },
  ]
  for (const data of [...foreign, ...odd]) expect(readPreviewMessage(data)).toBeNull()
  const long = readPreviewMessage({ source, type: "error", message: "x".repeat(9000) })
  expect(long?.type === "error" && long.text.length).toBe(2000)
})
