import { describe, expect, test } from "bun:test"
import { slugOf } from "./slug.ts"

const hostPart = /^[a-z0-9]+(-[a-z0-9]+)*$/

describe("slugOf", () => {
  test.each([
    ["Inventory Tracker", "inventory-tracker"],
    ["  To-do   list!! ", "to-do-list"],
    ["Übergrößen für Käufer", "uebergroessen-fuer-kaeufer"],
    ["Crème brûlée à la carte", "creme-brulee-a-la-carte"],
    ["Учёт товаров", "uchyot-tovarov"],
    ["Щука и объезд", "shchuka-i-obezd"],
    ["Ελληνική λίστα", "elliniki-lista"],
    ["Łódź & Gdańsk", "lodz-and-gdansk"],
    ["Mia's café", "mias-cafe"],
    ["🚀 Rocket 🌙 log", "rocket-log"],
    ["x--y___z", "x-y-z"],
    ["xn--80ak6aa92e", "xn-80ak6aa92e"],
    ["2048", "2048"],
    ["a\u0000b", "a-b"],
  ])("%p becomes %p", (title, slug) => {
    expect(slugOf(title)).toBe(slug)
  })

  test.each(["", "🙂🙂🙂", "---", "日本語", "مرحبا", "\ud800"])(
    "%p, of which no letter is left, becomes app",
    (title) => {
      expect(slugOf(title)).toBe("app")
    },
  )

  test.each(["draft", "WWW", "Api", "preview!"])("%p is the name of something else", (title) => {
    expect(slugOf(title)).toMatch(/^[a-z]+-app$/)
  })

  test("300 characters are cut at the end of a word, also when they are one word", () => {
    expect(slugOf("a very long title of an app ".repeat(11))).toBe("a-very-long-title-of-an-app-a-very-long")
    expect(slugOf("z".repeat(300))).toBe("z".repeat(40))
    expect(slugOf("щ".repeat(300))).toHaveLength(40)
  })

  test("whatever comes in, a host name's part comes out", () => {
    const alphabet = [...Array.from("aZ9 -_.!/äßЖыλ漢🙂\u0301\u200d\u0000"), "\ud83d"]
    let seed = 7
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
    for (let round = 0; round < 2_000; round++) {
      const title = Array.from({ length: random(60) }, () => alphabet[random(alphabet.length)]).join("")
      const slug = slugOf(title)
      expect(slug).toMatch(hostPart)
      expect(slug.length).toBeLessThanOrEqual(40)
    }
  })
})
