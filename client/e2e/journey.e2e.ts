import { expect, test } from "./support/test.ts"

test("from a sentence to a running app, changed, taken back and shared", async ({ page, browser }) => {
  await test.step("the first person makes the owner account", async () => {
    await page.goto("/")
    await expect(page.getByRole("heading", { name: "Create the owner account" })).toBeVisible()
    await page.getByLabel("Email").fill("pat@example.com")
    await page.getByRole("textbox", { name: "Password" }).fill("correct horse battery")
    await page.getByRole("button", { name: "Create account" }).click()
  })

  await test.step("the wish becomes a project that answers", async () => {
    await page.getByRole("button", { name: "Inventory tracker" }).click()
    await page.getByRole("button", { name: "Build it" }).click()
    await expect(page.getByText("Build me an inventory tracker")).toBeVisible()
  })

  const answers = page.locator('[data-message="assistant"]')
  const chat = page.getByRole("log", { name: "Conversation" })
  const app = page.frameLocator('iframe[title="Your app"]')
  const receipt = (index: number) => answers.nth(index).getByRole("group", { name: "What came of it" })

  await test.step("text streams: it is there before the answer is done", async () => {
    await expect(answers.first().getByText("I am making a tracker")).toBeVisible()
    await expect(page.getByRole("button", { name: "Stop" })).toBeVisible()
    await expect(chat.getByText("index.html")).toBeVisible()
  })

  await test.step("the receipt turns green, link by link", async () => {
    await expect(receipt(0).getByRole("link", { name: "Version 1" })).toBeVisible()
    await expect(receipt(0).getByRole("link", { name: "Checks passed" })).toBeVisible()
    const live = receipt(0).getByRole("link", { name: "Live" })
    await expect(live).toHaveAttribute("href", /preview\.gochat\.localhost/)
    await expect(page.getByRole("button", { name: "Stop" })).toBeHidden()
  })

  await test.step("the app works in the preview and keeps what it is given", async () => {
    await app.getByRole("button", { name: "Add a part" }).click()
    await app.getByLabel("Part", { exact: true }).fill("Left-handed screws")
    await app.getByLabel("In stock").fill("7")
    await app.getByLabel("Reorder at").fill("3")
    await app.getByRole("button", { name: "Save" }).click()
    await expect(app.getByRole("rowheader", { name: "Left-handed screws" })).toBeVisible()
    await expect(app.getByText("Saved", { exact: true })).toBeVisible()
    await page.getByRole("button", { name: "Reload", exact: true }).click()
    await expect(app.getByRole("rowheader", { name: "Left-handed screws" })).toBeVisible()
    await page.reload()
    await expect(app.getByRole("rowheader", { name: "Left-handed screws" })).toBeVisible()
    await expect(answers.first().getByText("Your inventory tracker is ready")).toBeVisible()
  })

  await test.step("a follow-up changes the running app", async () => {
    await answers.first().getByRole("button", { name: "Add a search field" }).click()
    await expect(receipt(1).getByRole("link", { name: "Version 2" })).toBeVisible()
    await expect(receipt(1).getByRole("link", { name: "Checks passed" })).toBeVisible()
    await app.getByPlaceholder("Search parts and suppliers").fill("left-handed")
    await expect(app.getByRole("rowheader")).toHaveCount(1)
  })

  await test.step("going back to version 1 makes version 3 without the search", async () => {
    await page.getByRole("link", { name: "Versions", exact: true }).click()
    const first = page
      .getByRole("listitem")
      .filter({ hasText: "Version 1" })
      .filter({ has: page.getByRole("button", { name: "Go back to this version" }) })
    await first.getByRole("button", { name: "Go back to this version" }).click()
    await expect(page.getByRole("dialog")).toContainText("That becomes version 3")
    await page.getByRole("dialog").getByRole("button", { name: "Go back", exact: true }).click()
    await expect(page.getByRole("listitem").filter({ hasText: "Version 3" })).toContainText("Checks passed")
    await page.getByRole("link", { name: "Preview", exact: true }).click()
    await expect(app.getByRole("rowheader", { name: "Left-handed screws" })).toBeVisible()
    await expect(app.getByPlaceholder("Search parts and suppliers")).toHaveCount(0)
  })

  await test.step("the live link opens for anybody", async () => {
    const link = page.getByRole("link", { name: "Open live" })
    await expect(link).toBeVisible()
    const address = await link.getAttribute("href")
    const stranger = await browser.newContext()
    const visit = await stranger.newPage()
    await visit.goto(address ?? "")
    await expect(visit.getByRole("heading", { name: "Workshop inventory" })).toBeVisible()
    await expect(visit.getByRole("button", { name: "Add a part" })).toBeVisible()
    await stranger.close()
  })
})
