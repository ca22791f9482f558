import { expect, test } from "bun:test"
import { webAddress } from "./web-address.ts"

test("only what a browser may follow is an address", () => {
  const page = "https://gitlab.example.com/apps/shop/-/commit/1a2b"
  expect(webAddress(page)).toBe(page)
  expect(webAddress("http://127.0.0.1:8929/apps")).toBe("http://127.0.0.1:8929/apps")
  for (const other of ["javascript:alert(1)", "data:text/html,x", "//elsewhere", "/path", "file:///etc", "", null]) {
    expect([other, webAddress(other)]).toEqual([other, null])
  }
})
