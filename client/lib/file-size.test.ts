import { expect, test } from "bun:test"
import { fileSize } from "./file-size.ts"

test("sizes are short and never read 1000 of something", () => {
  const sizes = [0, 999, 1000, 1449, 9_940, 9_960, 999_499, 999_500, 23_000_000, 4_200_000_000_000]
  expect(sizes.map(fileSize)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "1.4 kB",
    "9.9 kB",
    "10 kB",
    "999 kB",
    "1.0 MB",
    "23 MB",
    "4200 GB",
  ])
})
