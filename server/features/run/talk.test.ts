import { expect, test } from "bun:test"
import type { Turn } from "../../ports/model/port.ts"
import { Talk, tokensOf } from "./talk.ts"

const said = (role: Turn["role"], text: string): Turn => ({ role, blocks: [{ type: "text", text }] })
const textsOf = (talk: Talk) =>
  talk.turns.map(({ role, blocks }) => [role, blocks.map((block) => (block.type === "text" ? block.text : block.type))])

test("roles take turns and the person begins", () => {
  const talk = new Talk(
    [said("assistant", "lost"), said("user", "a"), said("user", "b"), said("assistant", "c")],
    [said("user", "d")],
  )
  talk.say("e")
  expect(textsOf(talk)).toEqual([
    ["user", ["a", "b"]],
    ["assistant", ["c"]],
    ["user", ["d", "e"]],
  ])
})

test("the oldest turns go first, then bulky parts of this run; each time it gets smaller", () => {
  const past = Array.from({ length: 10 }, (_, n) => [
    said("user", `wish ${n} ${"x".repeat(400)}`),
    said("assistant", "ok"),
  ]).flat()
  const talk = new Talk(past, [said("user", "the wish")])
  talk.add("assistant", [
    { type: "toolCall", callId: "1", tool: "write_file", input: { path: "a.js", content: "y".repeat(4_000) } },
  ])
  talk.add("user", [{ type: "toolResult", callId: "1", text: "z".repeat(4_000), failed: false }])
  talk.add("assistant", [{ type: "toolCall", callId: "2", tool: "read_files", input: { paths: ["b.js"] } }])
  talk.add("user", [{ type: "toolResult", callId: "2", text: "w".repeat(4_000), failed: false }])

  talk.fit(4_000)
  expect(tokensOf(talk.turns)).toBeLessThanOrEqual(4_000)
  expect(talk.turns.at(0)?.blocks[0]).toMatchObject({ text: expect.stringContaining("wish ") })
  expect(JSON.stringify(talk.turns)).toContain("y".repeat(4_000))

  talk.fit(1_500)
  const text = JSON.stringify(talk.turns)
  expect(tokensOf(talk.turns)).toBeLessThanOrEqual(1_500)
  expect(text).toContain("the wish")
  expect(text).toContain('"path":"a.js"')
  expect(text).not.toContain("yyyy")
  // What the model is looking at right now stays.
  expect(text).toContain("w".repeat(4_000))

  talk.fit(-1)
  expect(talk.turns.length).toBeGreaterThan(0)
})
