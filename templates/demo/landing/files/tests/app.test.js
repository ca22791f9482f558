import { expect, test } from "bun:test"
import { addAddress, countWords, readAddress } from "../logic.js"

test("an address is tidied, and what cannot be one is refused", () => {
  expect(readAddress("  Ida@Example.com ")).toBe("ida@example.com")
  expect(["", "ida", "ida@", "ida@example", "ida @example.com", "a@b@c.de", "ida@example.c"].map(readAddress)).toEqual(
    Array(7).fill(null),
  )
})

test("nobody is on the list twice", () => {
  const list = addAddress([], "ida@example.com", "2026-03-02")
  expect(list).toEqual([{ address: "ida@example.com", day: "2026-03-02" }])
  expect(addAddress(list, "ida@example.com", "2026-03-09")).toBe(list)
  expect(addAddress(list, "tom@example.com", "2026-03-09")).toHaveLength(2)
})

test("few are not counted", () => {
  expect(countWords(4)).not.toContain("4")
  expect(countWords(12)).toStartWith("12 neighbours")
})
