import { pageOf, write } from "./support/pages.ts"
import { ProjectPage } from "./support/project.ts"
import { signUp } from "./support/sign-up.ts"
import { expect, test } from "./support/wire-test.ts"

test("an old version can be looked at and published; live follows again when asked to", async ({ page, wire }) => {
  const looks = ["First look", "Second look", "Third look"]
  for (const look of looks) {
    await wire.script(look, [{ calls: [write("index.html", pageOf(look))] }, { text: `That is the ${look}.` }])
  }
  const [first = "", second = "", third = ""] = looks
  const project = new ProjectPage(page)
  const live = page.getByRole("link", { name: "Open live" })
  const row = (number: number) =>
    page
      .getByRole("list", { name: "Versions" })
      .getByRole("listitem")
      .filter({ hasText: `Version ${number}` })
  await signUp(page, "versions@example.com")
  await project.start(first)
  await project.live(0)
  await project.say(second)
  await project.live(1)

  await test.step("version 1 in the preview, and back", async () => {
    await project.tab("Versions")
    await row(1).getByRole("link", { name: "Look at it" }).click()
    await expect(page.getByText("You are looking at version 1.")).toBeVisible()
    await expect(project.app.getByRole("heading", { name: first })).toBeVisible()
    await page.getByRole("link", { name: "Back to the draft" }).click()
    await expect(project.app.getByRole("heading", { name: second })).toBeVisible()
  })

  await test.step("published, it stays although a newer version passes its checks", async () => {
    await project.tab("Versions")
    await row(1).getByRole("button", { name: "Publish" }).click()
    await expect(page.getByRole("dialog")).toContainText("It is older than the newest version.")
    await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click()
    await expect(page.getByText("Live stays at version 1.")).toBeVisible()
    await expect(row(1).getByText("Live", { exact: true })).toBeVisible()
    await project.say(third)
    await expect(row(3).getByRole("link", { name: "Checks passed" })).toBeVisible()
    await expect(row(3).getByText("Live", { exact: true })).toBeHidden()
    await expect(page.getByRole("button", { name: "Publish" }).first()).toBeVisible()
  })

  await test.step("live follows the newest again", async () => {
    await page.getByRole("button", { name: "Follow the newest" }).click()
    await expect(row(3).getByText("Live", { exact: true })).toBeVisible()
    await expect(page.getByText("Live stays at version 1.")).toBeHidden()
    await expect(live).toBeVisible()
    const address = (await live.getAttribute("href")) ?? ""
    await page.goto(address)
    await expect(page.getByRole("heading", { name: third })).toBeVisible()
  })
})
