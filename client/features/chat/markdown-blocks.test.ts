import { describe, expect, test } from "bun:test"
import { growBlocks, splitBlocks } from "./markdown-blocks.ts"

const answer = `# A tracker

I made a tracker. It has:

- parts
- suppliers

  with a second paragraph

1. one
2. two

| Part | Stock |
| --- | --- |
| Glue | 2 |

\`\`\`js
const low = parts.filter((part) => part.stock < part.level)

// a blank line above
\`\`\`

> quoted
still quoted

Title
=====

The end.
`

describe("the blocks of an answer", () => {
  test("joined they are the text", () => {
    expect(splitBlocks(answer).join("")).toBe(answer)
    expect(splitBlocks("")).toEqual([])
  })

  test("grown token by token they are the same as split at once", () => {
    let grown: readonly string[] = []
    for (let end = 1; end <= answer.length; end++) {
      const text = answer.slice(0, end)
      grown = growBlocks(grown, text)
      expect(grown.join("")).toBe(text)
    }
    expect(grown).toEqual(splitBlocks(answer))
  })

  test("a block that is done keeps its very text while later ones grow", () => {
    const before = growBlocks([], "One.\n\nTwo.\n\nThree.\n\nFo")
    const after = growBlocks(before, "One.\n\nTwo.\n\nThree.\n\nFour.")
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3))
    expect(after.at(-1)).toBe("Four.")
  })

  test("another text is split anew", () => {
    expect(growBlocks(["a\n\n", "b\n\n", "c"], "x\n\ny")).toEqual(["x\n\n", "y"])
  })
})
