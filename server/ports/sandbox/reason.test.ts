import { expect, test } from "bun:test"
import { plainReason } from "./reason.ts"

test("the line that says what went wrong, without where", () => {
  const cases: [string, string][] = [
    ["starting\n\u001b[31merror: no table users\u001b[0m\n    at open (db.js:3:1)\n", "no table users"],
    [
      "Serving Flask app 'app'\nUsage: flask run [OPTIONS]\nError: While importing 'app', an ImportError was raised:\n\nTraceback (most recent call last):\n  File \"x.py\", line 247, in locate_app\n    __import__(name)\n  File \"app.py\", line 3, in <module>\n    import storage\nModuleNotFoundError: No module named 'storage'\n",
      "ModuleNotFoundError: No module named 'storage'",
    ],
    ["/bin/sh: 1: bum: not found\n", "bum: not found"],
    ["one\ntwo\n", "two"],
    ["", "It ended."],
  ]
  for (const [log, words] of cases) expect(plainReason(log, "It ended.")).toBe(words)
})
