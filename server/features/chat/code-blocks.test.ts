import { describe, expect, test } from "bun:test"
import { codeBlocks } from "./code-blocks.ts"

const fence = "```"

describe("codeBlocks", () => {
  test("tells language, code and place of a fenced block", () => {
    const content = `Hello\n\n${fence}python\nprint(1)\nprint(2)\n${fence}\nBye`
    expect(codeBlocks(content)).toEqual([
      {
        language: "python",
        code: "print(1)\nprint(2)",
        startLine: 3,
        endLine: 6,
        startIndex: 7,
        endIndex: content.indexOf("\nBye"),
      },
    ])
  })

  const cases: [name: string, content: string, slices: string[], codes: string[]][] = [
    ["a list item", "- a\n\n  ```js\n  x\n\n  y\n  ```\n- b", ["```js\n  x\n\n  y\n  ```"], ["x\n\ny"]],
    ["an item that begins with a blank line", "-\n  ```\n  x\n  ```", ["```\n  x\n  ```"], ["x"]],
    ["an item that begins with a fence", "- ```\n  x\n  ```\n- y", ["```\n  x\n  ```"], ["x"]],
    ["a quote in a list", "1. b\n   > ~~~\n   > q\n   > ~~~", ["~~~\n   > q\n   > ~~~"], ["q"]],
    ["a quote that ends the block", "> ```js\n> x\n\ny", ["```js\n> x"], ["x"]],
    ["a longer fence inside", "`````\n```\n`````", ["`````\n```\n`````"], ["```"]],
    ["tildes with words behind", "~~~~ruby x=1\na\n~~~\n~~~~", ["~~~~ruby x=1\na\n~~~\n~~~~"], ["a\n~~~"]],
    ["an unclosed block", "text\n```js\nx", ["```js\nx"], ["x"]],
    ["only an opening", "```js", ["```js"], [""]],
    ["CRLF", "a\r\n```js\r\nx\r\n```\r\nb", ["```js\r\nx\r\n```"], ["x"]],
    ["an indented fence", "x\n   ```\n   a\n    b\n   ```", ["```\n   a\n    b\n   ```"], ["a\n b"]],
    ["a fence in a paragraph", "foo\n```js\nbar\n```\nbaz", ["```js\nbar\n```"], ["bar"]],
    ["html around", "<div>\n```\n1\n```\n</div>\n\n```\n2\n```", ["```\n2\n```"], ["2"]],
    ["an indented block, which is no fence", "    ```\n    x\n    ```", [], []],
    ["a task", "- [ ] task\n  ```\n  q\n  ```", ["```\n  q\n  ```"], ["q"]],
    ["code spans", "`` ``` `` and ~~~~ here", [], []],
  ]
  test.each(cases)("finds blocks in %s", (_, content, slices, codes) => {
    const blocks = codeBlocks(content)
    expect(blocks.map((block) => content.slice(block.startIndex, block.endIndex))).toEqual(slices)
    expect(blocks.map((block) => block.code)).toEqual(codes)
  })

  test("gives places that hold for any mix of containers", () => {
    const random = seeded(7)
    for (let round = 0; round < 400; round++) {
      const { content, bodies } = document(random)
      const blocks = codeBlocks(content)
      expect(blocks.map((block) => block.code)).toEqual(bodies)
      for (const block of blocks) {
        const lines = content.slice(block.startIndex, block.endIndex).split("\n")
        expect(lines[0]).toStartWith(fence)
        expect(lines.at(-1)?.trimEnd()).toEndWith(fence)
        expect(lines).toHaveLength(block.endLine - block.startLine + 1)
        expect(content.slice(0, block.startIndex).split("\n")).toHaveLength(block.startLine)
      }
    }
  })
})

/** Paragraphs, lists, quotes and fences nested at random, with the bodies of the fences in order. */
function document(random: (below: number) => number): { content: string; bodies: string[] } {
  const bodies: string[] = []
  const block = (depth: number): string[] => {
    const kind = random(depth > 3 ? 2 : 4)
    if (kind === 0) return ["some words", "and more"].slice(0, 1 + random(2))
    if (kind === 1) {
      const body = Array.from(
        { length: random(4) },
        (_, n) => ["x = 1", "", "  deep()", "# no heading"][(n + random(4)) % 4] ?? "",
      )
      bodies.push(body.join("\n"))
      return [`${fence}${["js", "py extra", ""][random(3)]}`, ...body, fence]
    }
    const inner = blocks(depth + 1)
    if (kind === 2) return inner.map((line) => `> ${line}`)
    return inner.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`))
  }
  const blocks = (depth: number): string[] => {
    const all: string[] = []
    for (let count = 1 + random(3); count > 0; count--) {
      // Something that cannot join what is around it.
      all.push(...(all.length === 0 ? [] : ["", "between", ""]), ...block(depth))
    }
    return all
  }
  return { content: blocks(0).join("\n"), bodies }
}

function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
