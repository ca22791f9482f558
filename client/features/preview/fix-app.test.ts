import { expect, test } from "bun:test"
import { logEnd } from "./fix-app.ts"

test("the end of a log goes along: its last lines, whole, and without an end of the block around them", () => {
  expect(logEnd("")).toBe("")
  expect(logEnd("one\r\n\u001b[31mtwo\u001b[0m\n\n")).toBe("one\ntwo")
  expect(logEnd("say ```js\n")).toBe("say '''js")
  const many = Array.from({ length: 500 }, (_, index) => `line ${index}`).join("\n")
  expect(logEnd(many).split("\n")[0]).toBe("line 460")
  const wide = Array.from({ length: 40 }, (_, index) => `${index}:${"x".repeat(200)}`).join("\n")
  expect(logEnd(wide).length).toBeLessThanOrEqual(3_000)
  expect(logEnd(wide)).toStartWith("26:")
})
