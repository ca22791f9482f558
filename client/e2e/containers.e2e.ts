import { test as base, expect } from "@playwright/test"
import { ProjectPage } from "./support/project.ts"
import { type AppServer, startServer } from "./support/server.ts"
import { signUp } from "./support/sign-up.ts"

const engine = process.env["GOCHAT_TEST_ENGINE"] ?? ""
const image = process.env["GOCHAT_TEST_IMAGE"] ?? ""

/** A server whose apps and checks run in containers, with the demo's answers. */
const test = base.extend<object, { server: AppServer }>({
  server: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern
    async ({}, use) => {
      const server = await startServer({ SANDBOX: "docker", DOCKER_HOST: engine, SANDBOX_IMAGE: image })
      await use(server)
      await server.stop()
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
})

test.skip(engine === "" || image === "", "there is no container engine to test with")

test("a Python app is made, checked, live, asleep and awake again in containers", async ({ page, browser }) => {
  const project = new ProjectPage(page)
  const part = project.app.getByText("Left-handed screws")
  const stage = page.getByRole("region", { name: "What was built" })

  await test.step("the wish becomes an app that runs and whose checks pass", async () => {
    await signUp(page, "containers@example.com")
    await project.start("Inventory tracker in Python")
    await expect(project.app.getByRole("button", { name: "Add a part" })).toBeVisible()
    await project.live(0)
    await project.tab("Checks")
    await expect(page.getByRole("heading", { name: "Checks of version 1" })).toBeVisible()
    await expect(page.getByRole("log", { name: "Checks" })).toContainText("OK")
    await project.tab("Preview")
  })

  await test.step("what a person saves is kept on the server", async () => {
    await project.app.getByRole("button", { name: "Add a part" }).click()
    await project.app.getByLabel("Part", { exact: true }).fill("Left-handed screws")
    await project.app.getByLabel("In stock").fill("7")
    await project.app.getByLabel("Reorder at").fill("3")
    await project.app.getByRole("button", { name: "Save" }).click()
    await expect(part).toBeVisible()
  })

  await test.step("the live link opens for a stranger, with data of its own", async () => {
    const address = await page.getByRole("link", { name: "Open live" }).getAttribute("href")
    const elsewhere = await browser.newContext()
    const guest = await elsewhere.newPage()
    await guest.goto(address ?? "")
    await expect(guest.getByText("Danish oil")).toBeVisible()
    await expect(guest.getByText("Left-handed screws")).toHaveCount(0)
    await elsewhere.close()
  })

  await test.step("put to sleep it says so, and awake again it has everything", async () => {
    const settings = await page.context().newPage()
    await settings.goto("/settings")
    await expect(settings.getByText("containers, each apart from the others")).toBeVisible()
    const running = settings.getByRole("region", { name: "Running workspaces" })
    const draft = running.getByRole("listitem").filter({ hasText: "Draft" })
    await draft.getByRole("button", { name: "Put to sleep" }).click()
    await expect(draft).toHaveCount(0)
    await settings.close()
    await stage.getByRole("button", { name: "Wake it up" }).click()
    await expect(part).toBeVisible()
  })

  await test.step("deleted it is gone, also from its address", async () => {
    const address = await page.getByRole("link", { name: "Open live" }).getAttribute("href")
    await page.getByRole("button", { name: "More about this project" }).click()
    await page.getByRole("menuitem", { name: "Delete project…" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Delete project" }).click()
    await expect(page.getByText("Your projects will appear here")).toBeVisible()
    await page.goto(address ?? "")
    await expect(page.getByText("There is no app at this address")).toBeVisible()
  })
})
