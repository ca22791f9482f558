import { expect, test } from "bun:test"
import { massDeletion, placeholder } from "./gate.ts"

test.each([
  "// ... existing code ...",
  "// rest of the code stays the same",
  "  // The rest of the file remains unchanged",
  "/* ... rest of styles ... */",
  "<!-- existing content here -->",
  "<!-- ... keep the rest ... -->",
  "{/* ... other components ... */}",
  "# ... (rest of the code remains the same)",
  "# existing code here",
  "// … unchanged …",
  "// (rest of the function unchanged)",
  "// Previous code remains the same",
  "/* existing styles */",
  "// same as before",
  "// other functions remain unchanged",
  "// all other styles stay the same",
  "// code omitted for brevity",
  "-- ... remaining columns",
  "// keep the existing imports",
  "// Rest of your code here",
  "// ... more code",
  "... rest of the file ...",
])("finds that code was left out: %s", (line) => {
  expect(placeholder(`const a = 1\n${line}\nconst b = 2`, null)).toEqual({ line: 2, text: line.trim() })
})

test.each([
  "// keep existing items when the filter changes",
  "// The rest is added to the last share, so that nothing is lost",
  "// Existing items win over new ones",
  "// remaining = total - done",
  "const rest = [...items]",
  "...rest",
  "  ...props,",
  "...existing,",
  "  ...defaults, ...given",
  "// same order as the server",
  "// Previous and next",
  "/* Remaining time */",
  "<!-- The rest of the day -->",
  "# Loading...",
  '"... and the rest"',
  "// previous code point",
  "<p>... the rest stays the same</p>",
  "## Existing features",
  "// omitted fields get their defaults",
  "// unchanged rows are skipped",
])("lets ordinary lines pass: %s", (line) => {
  expect(placeholder(`a\n${line}\nb`, null)).toBeNull()
})

test("a line that was there before may stay", () => {
  expect(placeholder("// ... existing code ...\nnew", "  // ... existing code ...\n")).toBeNull()
})

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => `line ${from + n} of the file`).join("\n")

test("refuses that most of a long file vanishes", () => {
  expect(massDeletion(lines(0, 100), lines(0, 30))).toEqual({ lines: 100, removed: 70 })
  expect(massDeletion(lines(0, 100), "short")).toEqual({ lines: 100, removed: 100 })
})

test("lets rewrites, small files and moderate cuts pass", () => {
  expect(massDeletion(lines(0, 100), lines(500, 590))).toBeNull()
  expect(massDeletion(lines(0, 38), "short")).toBeNull()
  expect(massDeletion(lines(0, 100), lines(0, 55))).toBeNull()
  expect(massDeletion(lines(0, 100), lines(500, 560))).toBeNull()
})
