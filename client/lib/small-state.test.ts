import { Window } from "happy-dom"
import { beforeEach, expect, test } from "bun:test"
import { readDraft, writeDraft } from "./drafts.ts"
import { newId } from "./new-id.ts"
import { readProjectSearch } from "./project-search.ts"
import { chooseTheme, storedTheme } from "./theme.ts"

const { document, localStorage } = new Window()
Object.assign(globalThis, { document, localStorage })
beforeEach(() => localStorage.clear())

test("a draft is kept per project until it is sent", () => {
  writeDraft("a", "half a thought")
  writeDraft("b", "another")
  expect([readDraft("a"), readDraft("b"), readDraft("c")]).toEqual(["half a thought", "another", ""])
  writeDraft("a", "")
  expect(readDraft("a")).toBe("")
  expect(localStorage.length).toBe(1)
})

test("a theme is applied and remembered; the system's leaves no trace", () => {
  expect(storedTheme()).toBe("system")
  chooseTheme("dark")
  expect([storedTheme(), document.documentElement.dataset["theme"]]).toEqual(["dark", "dark"])
  chooseTheme("system")
  expect([storedTheme(), document.documentElement.dataset["theme"], localStorage.length]).toEqual([
    "system",
    undefined,
    0,
  ])
})

test("what an address may say of a project is checked", () => {
  expect(readProjectSearch({ tab: "code", sha: "abcdef0", file: "a.js", build: "b", run: "r", other: 1 })).toEqual({
    tab: "code",
    sha: "abcdef0",
    file: "a.js",
    build: "b",
    run: "r",
  })
  expect(readProjectSearch({ tab: "admin", sha: "../../x", file: 7 })).toEqual({
    tab: undefined,
    sha: undefined,
    file: undefined,
    build: undefined,
  })
})

test("ids are UUIDs also where the browser has no maker of them", () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  const known = crypto.randomUUID.bind(crypto)
  try {
    Object.assign(crypto, { randomUUID: undefined })
    expect(newId()).toMatch(uuid)
    expect(newId()).not.toBe(newId())
  } finally {
    Object.assign(crypto, { randomUUID: known })
  }
  expect(newId()).toMatch(uuid)
})
