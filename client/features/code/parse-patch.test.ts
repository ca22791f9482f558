import { expect, test } from "bun:test"
import { parsePatch } from "./parse-patch.ts"

const patch = `diff --git a/app.js b/app.js
index 111..222 100644
--- a/app.js
+++ b/app.js
@@ -1,3 +1,4 @@ function start() {
 const a = 1
-const b = 2
+const b = 3
+--- not a header
 const c = 4
@@ -20 +21 @@
-old end
+new end
\\ No newline at end of file
`

test("a unified diff becomes lines with their numbers on both sides", () => {
  expect(parsePatch(patch)).toEqual([
    { kind: "hunk", text: "function start() {", before: null, after: null },
    { kind: "same", text: "const a = 1", before: 1, after: 1 },
    { kind: "removed", text: "const b = 2", before: 2, after: null },
    { kind: "added", text: "const b = 3", before: null, after: 2 },
    { kind: "added", text: "--- not a header", before: null, after: 3 },
    { kind: "same", text: "const c = 4", before: 3, after: 4 },
    { kind: "hunk", text: "", before: null, after: null },
    { kind: "removed", text: "old end", before: 20, after: null },
    { kind: "added", text: "new end", before: null, after: 21 },
  ])
})

test("a pure rename has no lines", () => {
  expect(parsePatch("diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n")).toEqual([])
})
