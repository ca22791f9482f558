import { expect, test } from "bun:test"
import { addressWarnings } from "./address-warnings.ts"

const open = expect.stringContaining("without encryption") as string
const unreached = expect.stringContaining("GitLab cannot send messages to") as string
const chat = "https://chat.example.com"

test.each([
  ["https://gitlab.example.com", chat, []],
  ["http://gitlab.example.com/git", chat, [open]],
  ["http://8.8.8.8:8929", chat, [open]],
  ["http://[2001:db8::1]", chat, [open]],
  // This machine, names of a network of one's own, and its addresses.
  ["http://127.0.0.1:8929", chat, []],
  ["http://gitlab.localhost:8929", chat, []],
  ["http://gitlab:8929", chat, []],
  ["http://10.77.0.12", chat, []],
  ["http://172.31.0.1", chat, []],
  ["http://172.32.0.1", chat, [open]],
  ["http://[fd00::1]", chat, []],
  ["https://gitlab.example.com", "http://gochat.localhost:3000", [unreached]],
  ["http://gitlab.example.com", "http://127.0.0.1:3000", [open, unreached]],
  ["http://127.0.0.1:8929", "http://gochat.localhost:3000", []],
])("GitLab at %s and Go Chat at %s", (gitlab, own, warnings) => {
  expect(addressWarnings(gitlab, own)).toEqual(warnings)
})
