import { finish, pageOf, write } from "./support/pages.ts"
import { ProjectPage } from "./support/project.ts"
import { signUp } from "./support/sign-up.ts"
import { expect, test } from "./support/wire-test.ts"

const wish = "Make me a reading list"
const python = "Show me in Python how you would sort it"
const followUp = "Now put the newest book first"
const words = "I make a page that lists what you want to read, with the newest book first. ".repeat(4).trim()
const fenced =
  "It takes one line:\n\n```python\ndef newest_first(books):\n    return sorted(books, reverse=True)\n```\n\nThe page does the same."

test("a real model's API: streamed words, work on files, checks, code with its language, a follow-up", async ({
  page,
  wire,
}) => {
  const pace = { tokensPerSecond: 80 }
  await wire.script(
    wish,
    [
      {
        text: words,
        calls: [
          write("index.html", pageOf("Reading list")),
          write("style-notes.txt", `a calm page\n${"large type\n".repeat(30)}`),
        ],
      },
      {
        calls: [
          { tool: "edit_file", input: { path: "style-notes.txt", search: "a calm page", replace: "a warm page" } },
        ],
      },
      { calls: [finish("Your reading list is ready.", ["Add a search field"])] },
    ],
    pace,
  )
  await wire.script(python, [{ text: fenced }], pace)
  await wire.script(
    followUp,
    [{ text: "I turn the order round.", calls: [write("index.html", pageOf("Newest first"))] }, { text: "Done." }],
    pace,
  )
  const project = new ProjectPage(page)
  await signUp(page, "wire@example.com")
  await project.start(wish)

  const first = project.answers.nth(0)
  await test.step("words come as they are written, then the work, line by line", async () => {
    await expect(first.getByText("I make a page")).toBeVisible()
    const early = (await first.textContent())?.length ?? 0
    expect(early, "the answer was there at once, not streamed").toBeLessThan(words.length)
    await expect(page.getByRole("button", { name: "Stop" })).toBeVisible()
    const work = first.getByRole("listitem")
    await expect(work.filter({ hasText: "Wrote" }).filter({ hasText: "index.html" })).toBeVisible()
    await expect(work.filter({ hasText: "Edited" }).filter({ hasText: "style-notes.txt" })).toBeVisible()
    await expect(first.getByText("Your reading list is ready.")).toBeVisible()
  })

  await test.step("the receipt turns green and the app is there", async () => {
    await expect(project.receipt(0).getByRole("link", { name: "Version 1" })).toBeVisible()
    await project.live(0)
    await expect(project.app.getByRole("heading", { name: "Reading list" })).toBeVisible()
    await expect(page.getByRole("button", { name: "Reading list", exact: true })).toBeVisible()
  })

  await test.step("a line of work opens to what it changed", async () => {
    await first.getByRole("button", { name: /Wrote.*index\.html/ }).click()
    await expect(first.getByText("<title>Reading list</title>")).toBeVisible()
    await first.getByRole("button", { name: /Wrote.*index\.html/ }).click()
  })

  await test.step("code in an answer has its language", async () => {
    await project.say(python)
    const code = project.answers.nth(1).getByRole("figure")
    await expect(code.getByText("python", { exact: true })).toBeVisible()
    await expect(code.locator("pre")).toHaveText("def newest_first(books):\n    return sorted(books, reverse=True)")
    await expect(project.answers.nth(1).getByText("The page does the same.")).toBeVisible()
  })

  await test.step("the follow-up knows what was said, and changes the running app", async () => {
    await project.say(followUp)
    await expect(project.app.getByRole("heading", { name: "Newest first" })).toBeVisible()
    await expect(project.receipt(2).getByRole("link", { name: "Version 2" })).toBeVisible()
    await project.live(2)
    const request = (await wire.turns()).find((turns) => turns.includes(followUp)) ?? ""
    for (const earlier of [wish, "wrote index.html", "Your reading list is ready.", python, "newest_first"]) {
      expect(request).toContain(earlier)
    }
  })

  await test.step("after a reload everything reads the same", async () => {
    await expect(page.getByRole("button", { name: "Stop" })).toBeHidden()
    const told = () => project.log.locator("[data-message]").allInnerTexts()
    const before = await told()
    expect(before).toHaveLength(6)
    await page.reload()
    await expect(project.answers.nth(2).getByRole("link", { name: "Live" })).toBeVisible()
    await expect.poll(told).toEqual(before)
    await expect(project.answers.nth(1).getByRole("figure").getByText("python", { exact: true })).toBeVisible()
  })
})
