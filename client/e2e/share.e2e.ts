import { AxeBuilder } from "@axe-core/playwright"
import { finish, pageOf, write } from "./support/pages.ts"
import { ProjectPage } from "./support/project.ts"
import { signUp } from "./support/sign-up.ts"
import { expect, test } from "./support/wire-test.ts"

test("the live app is for everybody with the link, until it is for members only", async ({ page, browser, wire }) => {
  const wish = "Build me a guest book"
  await wire.script(wish, [{ calls: [write("index.html", pageOf("Guest book"))] }, { calls: [finish("It is there.")] }])
  const project = new ProjectPage(page)
  await signUp(page, "share@example.com")
  await project.start(wish)
  await project.live(0)
  await page.getByRole("button", { name: "Share" }).click()
  const dialog = page.getByRole("dialog", { name: /^Share/ })
  const liveUrl = await dialog.getByRole("textbox", { name: "Link to the live app" }).inputValue()
  await expect(dialog.getByRole("radio", { name: "Anyone with the link" })).toBeChecked()
  expect((await new AxeBuilder({ page }).include("[role=dialog]").analyze()).violations).toEqual([])

  const elsewhere = await browser.newContext()
  const guest = await elsewhere.newPage()
  await guest.goto(liveUrl)
  await expect(guest.getByRole("heading", { name: "Guest book" })).toBeVisible()

  const otherTab = await page.context().newPage()
  await otherTab.goto(page.url())
  await otherTab.getByRole("button", { name: "Share" }).click()
  await dialog.getByText("Only members").click()
  await expect(page.getByText("Only members can open the live app now")).toBeVisible()
  await expect(otherTab.getByRole("radio", { name: "Only members" })).toBeChecked()

  await guest.reload()
  await expect(guest.getByText("Sign in to open this app")).toBeVisible()
  await otherTab.goto(liveUrl)
  await expect(otherTab.getByRole("heading", { name: "Guest book" })).toBeVisible()

  await page.reload()
  await page.getByRole("button", { name: "Share" }).click()
  await expect(dialog.getByRole("radio", { name: "Only members" })).toBeChecked()
  await dialog.getByText("Anyone with the link").click()
  await expect(page.getByText("Anyone with the link can open the live app now")).toBeVisible()
  await guest.goto(liveUrl)
  await expect(guest.getByRole("heading", { name: "Guest book" })).toBeVisible()
  await elsewhere.close()
})
