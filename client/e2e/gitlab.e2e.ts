import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "@playwright/test"
import { expect, test } from "./support/gitlab-test.ts"
import { pageOf, write } from "./support/pages.ts"
import { ProjectPage } from "./support/project.ts"
import { signUp } from "./support/sign-up.ts"

/** Nothing in what is shown now that axe would complain about, in either theme, and nothing that scrolls sideways. */
async function readable(page: Page, ...widths: number[]): Promise<void> {
  const before = page.viewportSize()
  for (const width of widths.length === 0 ? [1280] : widths) {
    await page.setViewportSize({ width, height: 860 })
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`)).toEqual([])
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
      expect(wide, `it scrolls sideways at ${width} px`).toBe(false)
    }
  }
  if (before !== null) await page.setViewportSize(before)
}

const version = (page: Page, number: number) =>
  page
    .getByRole("list", { name: "Versions" })
    .getByRole("listitem")
    .filter({ hasText: `Version ${number}` })

test("from the wish to the app and back, with GitLab's pages on the way", async ({ page, wire, gitlab }) => {
  test.setTimeout(240_000)
  const wish = "Build me a page of opening hours"
  await wire.script(wish, [{ calls: [write("index.html", pageOf("Opening hours"))] }, { text: "Here are your hours." }])
  const project = new ProjectPage(page)
  await signUp(page, "ann@example.com")
  await project.start(wish)
  await project.live(0)

  await test.step("the checks and each log lead to their page", async () => {
    await project.receipt(0).getByRole("link", { name: "Checks passed" }).click()
    const checks = page.getByRole("region", { name: "Checks of version 1" })
    const pipeline = checks.getByRole("link", { name: "Open in GitLab: these checks" })
    await expect(pipeline).toHaveAttribute("href", new RegExp(`^${gitlab.url}/.+/-/pipelines/\\d+$`))
    await expect(pipeline).toHaveAttribute("rel", /noopener/)
    await expect(pipeline).toHaveAttribute("target", "_blank")
    await checks.getByRole("button", { name: /^build/ }).click()
    const log = checks.getByRole("link", { name: "Open in GitLab: Log of build" })
    await expect(log).toHaveAttribute("href", /\/-\/jobs\/\d+$/)
    await checks.getByText("Details").click()
    await expect(checks.getByRole("definition").filter({ hasText: "main" })).toBeVisible()
    await readable(page, 1280, 360)
  })

  await test.step("the version leads to its commit, the app, and back to the message", async () => {
    await project.tab("Versions")
    const first = version(page, 1)
    await expect(first.getByRole("link", { name: "Open in GitLab: version 1" })).toHaveAttribute(
      "href",
      /\/-\/commit\/[0-9a-f]{40}$/,
    )
    await expect(first.getByRole("link", { name: "Live" })).toHaveAttribute("href", /gochat\.localhost/)
    await readable(page, 1280, 360)
    await first.getByRole("link", { name: "Go to message" }).click()
    const message = page.locator('[data-message="user"]').filter({ hasText: wish })
    await expect(message).toBeFocused()
    await project.composer.focus()
    await first.getByRole("link", { name: "Go to message" }).click()
    await expect(message).toBeFocused()
    await page.setViewportSize({ width: 390, height: 860 })
    await page.goto(`${new URL(page.url()).pathname}?tab=versions`)
    await expect(message).toHaveCount(0)
    await first.getByRole("link", { name: "Checks passed" }).press("Enter")
    await expect(page.getByRole("main")).toBeFocused()
    await page.goBack()
    await first.getByRole("link", { name: "Go to message" }).click()
    await expect(message).toBeFocused()
    await page.setViewportSize({ width: 1280, height: 860 })
  })

  await test.step("the project's menu leads to its page", async () => {
    await page.getByRole("button", { name: "More about this project" }).click()
    await expect(page.getByRole("menuitem", { name: "Open in GitLab" })).toHaveAttribute(
      "href",
      new RegExp(`^${gitlab.url}/`),
    )
    await page.keyboard.press("Escape")
  })

  await test.step("who runs the server sees how GitLab is, and looks again", async () => {
    await page.goto("/settings")
    const section = page.getByRole("region", { name: "GitLab" })
    await expect(section.getByRole("link", { name: gitlab.url })).toHaveAttribute("target", "_blank")
    await gitlab.act("token", { expiresInDays: 3 })
    await section.getByRole("button", { name: /^Check (now|again)$/ }).click()
    await expect(section.getByRole("listitem").filter({ hasText: /expires|runs out|ends/ })).toBeVisible()
    await readable(page, 1280, 360)
    await gitlab.act("token", { expiresInDays: 300 })
  })
})

test("checks that wait say why, and what waits for a person is started by one", async ({ page, wire, gitlab }) => {
  test.setTimeout(240_000)
  const wish = "Build me a page that waits"
  await wire.script(wish, [{ calls: [write("index.html", pageOf("Patience"))] }, { text: "It waits." }])
  const project = new ProjectPage(page)
  const state = page.getByRole("banner")
  const receipt = project.receipt(0)
  await signUp(page, "waiting@example.com")

  await test.step("GitLab is away: a reason, not a failure", async () => {
    await gitlab.act("pipelines", { how: "scripted" })
    await gitlab.act("away")
    await project.start(wish)
    await expect(receipt.getByRole("link", { name: "Checks are waiting" })).toBeVisible()
    await expect(receipt.getByText("GitLab does not answer")).toBeVisible()
    await expect(state.getByText("Checks are waiting")).toBeVisible()
    await expect(page.getByText("A check failed")).toHaveCount(0)
    await readable(page, 1280, 360)
  })

  await test.step("it is back: the checks go on, and the reason is gone", async () => {
    await gitlab.act("back")
    await expect(receipt.getByRole("link", { name: "Checking…" })).toBeVisible()
    await expect(receipt.getByText("GitLab does not answer")).toHaveCount(0)
    await project.tab("Checks")
    await expect(page.getByRole("button", { name: /^test/ })).toBeVisible()
  })

  await test.step("blocked is neither running nor done, and a person starts it", async () => {
    await gitlab.act("jobs", {
      states: [
        ["release", "manual"],
        ["validate", "success"],
        ["build", "success"],
        ["test", "success"],
      ],
    })
    await expect(receipt.getByRole("link", { name: "Waiting for you" })).toBeVisible()
    await expect(state.getByText("Waiting for you")).toBeVisible()
    await expect(page.getByRole("link", { name: "Open live" })).toHaveCount(0)
    await readable(page, 1280, 360)
    await expect(receipt.getByText("begins only when you start it")).toBeVisible()
    await expect(receipt.getByRole("button", { name: "Start release" })).toBeEnabled()
    await page
      .getByRole("region", { name: "Checks of version 1" })
      .getByRole("button", { name: "Start release" })
      .click()
    await expect(receipt.getByRole("link", { name: "Checking…" })).toBeVisible()
    await gitlab.act("played", { name: "release" })
    await gitlab.act("jobs", {
      states: [
        ["release", "running"],
        ["release", "success"],
      ],
    })
    await project.live(0)
  })
  await gitlab.act("pipelines", { how: "runner" })
})

test("a version waits in a merge request, and goes live when somebody merges it", async ({ page, wire, gitlab }) => {
  test.setTimeout(240_000)
  const [first, second] = ["Build me a menu", "Add the soups"]
  await wire.script(first, [{ calls: [write("index.html", pageOf("Menu"))] }, { text: "A menu." }])
  await wire.script(second, [{ calls: [write("index.html", pageOf("Soups"))] }, { text: "With soups." }])
  const project = new ProjectPage(page)
  await signUp(page, "merge@example.com")
  await project.start(first)
  await project.live(0)

  await test.step("the way is chosen in the project's menu", async () => {
    await page.getByRole("button", { name: "More about this project" }).click()
    await page.getByRole("menuitem", { name: "How versions go live…" }).click()
    const dialog = page.getByRole("dialog", { name: "How versions go live" })
    await expect(dialog.getByRole("radio", { name: "Directly" })).toBeChecked()
    await dialog.getByRole("radio", { name: "After a review in GitLab" }).click()
    await expect(page.getByText("versions wait to be merged in GitLab").first()).toBeVisible()
    await expect(dialog.getByRole("radio", { name: "After a review in GitLab" })).toBeChecked()
    await readable(page)
    await page.keyboard.press("Escape")
    await expect(dialog).toBeHidden()
  })

  await test.step("the next version says that it waits, and where", async () => {
    await project.say(second)
    const receipt = project.receipt(1)
    await expect(receipt.getByRole("link", { name: "Checks passed" })).toBeVisible()
    await expect(receipt.getByText("Waiting to be merged in GitLab")).toBeVisible()
    await expect(receipt.getByRole("link", { name: "Merge request !1" })).toHaveAttribute(
      "href",
      /\/-\/merge_requests\/1$/,
    )
    await expect(page.getByRole("banner").getByText("Waiting to be merged")).toBeVisible()
    await expect(page.getByRole("banner").getByRole("button", { name: "Publish" })).toHaveCount(0)
  })

  await test.step("it cannot be published here, and the dialog says why", async () => {
    await project.tab("Versions")
    await expect(version(page, 2).getByText("Waiting to be merged in GitLab")).toBeVisible()
    await readable(page, 1280, 360)
    await version(page, 2).getByRole("button", { name: "Publish" }).click()
    const dialog = page.getByRole("dialog", { name: "Version 2 is not merged yet" })
    await expect(dialog.getByText("It waits in merge request !1 in GitLab")).toBeVisible()
    await expect(dialog.getByRole("link", { name: "Open the merge request" })).toHaveAttribute("target", "_blank")
    await page.keyboard.press("Escape")
  })

  await test.step("merged in GitLab, it is live", async () => {
    await gitlab.act("merge", { number: 1 })
    await expect(page.getByText("Waiting to be merged")).toHaveCount(0, { timeout: 90_000 })
    await expect(page.getByRole("banner").getByText("Live", { exact: true })).toBeVisible({ timeout: 60_000 })
    await expect(version(page, 1).getByRole("link", { name: "Live" })).toHaveCount(0)
    await expect(project.receipt(1).getByRole("link", { name: "Live" })).toHaveAttribute("href", /gochat\.localhost/)
  })
})

test("two changes that do not fit become a question, which one click answers", async ({ page, wire, gitlab }) => {
  test.setTimeout(240_000)
  const [first, second] = ["Build me a notice board", "Say that we are closed"]
  await wire.script(first, [{ calls: [write("index.html", pageOf("Open"))] }, { text: "A board." }])
  await wire.script(second, [{ calls: [write("index.html", pageOf("Closed"))] }, { text: "Closed it is." }])
  const project = new ProjectPage(page)
  const question = page.getByRole("group", { name: /In GitLab somebody changed index\.html/ })
  await signUp(page, "conflict@example.com")
  await project.start(first)
  await project.live(0)

  await test.step("somebody changes the same file in GitLab while it is away for us", async () => {
    await gitlab.act("away")
    await project.say(second)
    await expect(project.receipt(1).getByRole("link", { name: "Checks are waiting" })).toBeVisible()
    await gitlab.act("commit", { files: { "index.html": pageOf("Holiday") }, message: "We are on holiday" })
    await gitlab.act("back")
    await expect(question).toBeVisible({ timeout: 60_000 })
    await expect(question.getByRole("button", { name: "Keep what is here" })).toBeEnabled()
    await expect(project.receipt(1).getByRole("link", { name: "Not checked" })).toBeVisible()
    await expect(page.getByRole("button", { name: "Fix it" })).toHaveCount(0)
  })

  await test.step("the question is still there after a reload, and nothing looks unfinished", async () => {
    await page.reload()
    await expect(question.getByRole("button", { name: "Take what is in GitLab" })).toBeEnabled()
    await expect(page.getByRole("button", { name: "Stop" })).toHaveCount(0)
    await expect(project.log.getByText("Working…")).toHaveCount(0)
    await readable(page, 1280, 360)
  })

  await test.step("the answer settles it", async () => {
    await question.getByRole("button", { name: "Take what is in GitLab" }).click()
    await expect(project.app.getByRole("heading", { name: "Holiday" })).toBeVisible({ timeout: 60_000 })
    await expect(page.getByRole("banner").getByText("Live", { exact: true })).toBeVisible({ timeout: 60_000 })
    await expect(question.getByRole("button", { name: "Keep what is here" })).toBeDisabled()
    await expect(question.getByRole("button", { pressed: true })).toHaveText("Take what is in GitLab")
  })

  await test.step("what came from outside has a name, and no message to go to", async () => {
    await gitlab.act("commit", { files: { "about.html": pageOf("About") }, message: "Add a page about us" })
    await project.tab("Versions")
    const outside = page.getByRole("list", { name: "Versions" }).getByRole("listitem").first()
    await expect(outside.getByText("Add a page about us")).toBeVisible({ timeout: 90_000 })
    await expect(outside.getByRole("link", { name: "Go to message" })).toHaveCount(0)
    await expect(outside.getByRole("link", { name: /^Open in GitLab/ })).toBeVisible()
  })
})
