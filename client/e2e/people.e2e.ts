import { ProjectPage } from "./support/project.ts"
import { signUp } from "./support/sign-up.ts"
import { expect, test } from "./support/wire-test.ts"

test("another person's project is like one that does not exist", async ({ page, browser, wire, baseURL }) => {
  await wire.script("Keep my secret", [{ text: "Nobody will know." }])
  const project = new ProjectPage(page)
  await signUp(page, "ann@example.com")
  await project.start("Keep my secret")
  await expect(project.answers.first().getByText("Nobody will know.")).toBeVisible()
  const context = await browser.newContext({ baseURL })
  const other = await context.newPage()
  await signUp(other, "ben@example.com")
  await expect(other.getByText("Your projects will appear here.")).toBeVisible()
  await other.goto(page.url())
  await expect(other.getByText("Nothing is here")).toBeVisible()
  await expect(other.getByText("Keep my secret")).toHaveCount(0)
  await other.getByRole("link", { name: "Go to your projects" }).click()
  await expect(other.getByRole("heading", { name: "What do you want to build?" })).toBeVisible()
  await context.close()
})
