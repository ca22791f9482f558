import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "@playwright/test"
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { finish, pageOf, write } from "./support/pages.ts"
import { ProjectPage } from "./support/project.ts"
import { signUp } from "./support/sign-up.ts"
import { expect, test } from "./support/wire-test.ts"

/** Nothing in what is shown now that axe would complain about. */
async function readable(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`)).toEqual([])
}

test.use({ serverEnv: { MAX_CONTAINERS_PER_USER: "1" } })

test("at the limit a person says which app sleeps, and a sleeping one wakes", async ({ page, context, wire }) => {
  for (const name of ["Tea list", "Coffee list"]) {
    await wire.script(name, [{ calls: [write("index.html", pageOf(name))] }, { calls: [finish("It is there.")] }])
  }
  const tea = new ProjectPage(page)
  const coffee = new ProjectPage(await context.newPage())
  const stage = ({ page: at }: ProjectPage) => at.getByRole("region", { name: "What was built" })
  const awake = (project: ProjectPage) => stage(project).getByRole("list", { name: "Awake now" }).getByRole("listitem")
  await signUp(page, "limit@example.com")
  await tea.start("Tea list")
  await tea.live(0)
  await expect(tea.app.getByRole("heading", { name: "Tea list" })).toBeVisible()

  await test.step("the second app says what is in the way and frees a place by itself", async () => {
    await coffee.start("Coffee list")
    await coffee.live(0)
    await expect(stage(coffee).getByText("Another app of yours is awake")).toBeVisible()
    await expect(awake(coffee)).toHaveCount(1)
    await expect(awake(coffee)).toContainText("Draft")
    await expect(stage(coffee).getByRole("button", { name: "Ask the AI to fix it" })).toHaveCount(0)
    await readable(coffee.page)
    await awake(coffee).getByRole("button", { name: "Put to sleep" }).click()
    await expect(coffee.app.getByRole("heading", { name: "Coffee list" })).toBeVisible()
  })

  await test.step("the first one sleeps in its own window, and gets its place back the same way", async () => {
    await expect(stage(tea).getByText("Asleep")).toBeVisible()
    await stage(tea).getByRole("button", { name: "Wake it up" }).click()
    await awake(tea).getByRole("button", { name: "Put to sleep" }).click()
    await expect(tea.app.getByRole("heading", { name: "Tea list" })).toBeVisible()
  })

  await test.step("who runs the server sees whose app is awake, and puts it to sleep", async () => {
    const settings = coffee.page
    await settings.goto("/settings")
    const running = settings.getByRole("region", { name: "Running workspaces" })
    await expect(running.getByRole("listitem")).toHaveCount(1)
    await expect(running.getByRole("listitem")).toContainText("limit@example.com")
    await running.getByRole("button", { name: "Put to sleep" }).click()
    await expect(running.getByText("No app is awake.")).toBeVisible()
    await expect(stage(tea).getByText("Asleep to save power")).toBeVisible()
    await stage(tea).getByRole("button", { name: "Wake it up" }).click()
    await expect(tea.app.getByRole("heading", { name: "Tea list" })).toBeVisible()
  })
})

test("while it starts its log can be followed; when it fails the log stays, and goes to the AI", async ({
  page,
  wire,
}) => {
  const server = `import { existsSync } from "node:fs"
console.log("warming up the oven")
while (!existsSync("done.txt")) await Bun.sleep(50)
console.log(["the dough", "is gone"].join(" "))
throw new Error("nothing to bake")
`
  const wish = "Bake me something"
  await wire.script(wish, [
    { calls: [write("index.html", pageOf("Bakery")), write("server.js", server)] },
    { calls: [finish("It bakes.")] },
  ])
  await wire.script("Say when it is done", [{ calls: [write("done.txt", "now")] }, { calls: [finish("Done.")] }])
  await wire.script("The app does not start", [{ text: "I will buy dough." }])
  const project = new ProjectPage(page)
  await signUp(page, "baker@example.com")
  await project.start(wish)
  const stage = page.getByRole("region", { name: "What was built" })
  const log = stage.getByRole("log", { name: "What the app wrote" })
  await stage.getByRole("button", { name: "See the log" }).click()
  await expect(log).toContainText("warming up the oven")
  await expect(stage.getByRole("status").getByText("Starting your app…")).toBeVisible()
  await expect(page.getByRole("button", { name: "Stop" })).toBeHidden()
  await project.say("Say when it is done")
  await expect(stage.getByText("Your app stopped")).toBeVisible()
  await expect(log).toContainText("the dough is gone")
  await readable(page)
  await stage.getByRole("button", { name: "Hide the log" }).click()
  await expect(log).toHaveCount(0)
  await stage.getByRole("button", { name: "Ask the AI to fix it" }).click()
  await expect(project.answers.last().getByText("I will buy dough.")).toBeVisible()
  expect((await wire.turns()).at(-1)).toContain("the dough is gone")
})

test("what a check leaves behind is listed with its size and downloads as it was made", async ({ page, wire }) => {
  const pipeline = `pack:
  script:
    - mkdir -p out/deep
    - seq 1 20000 > out/deep/numbers.txt
    - printf 'a b' > 'out/two words ü.txt'
  artifacts:
    paths:
      - out/
`
  const wish = "Pack me some numbers"
  await wire.script(wish, [
    { calls: [write("index.html", pageOf("Numbers")), write(".gitlab-ci.yml", pipeline)] },
    { calls: [finish("Packed.")] },
  ])
  const project = new ProjectPage(page)
  await signUp(page, "packer@example.com")
  await project.start(wish)
  await project.live(0)
  await project.tab("Checks")
  const made = page.getByRole("region", { name: "Files it made" })
  await expect(made.getByRole("heading", { name: "Made by pack" })).toBeVisible()
  const links = made.getByRole("link")
  await expect(links).toHaveText([/numbers\.txt109 kB/, /two words ü\.txt3 B/])
  const downloads = []
  for (const link of await links.all()) {
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()])
    downloads.push(download)
  }
  expect(downloads.map((download) => download.suggestedFilename())).toEqual(["numbers.txt", "two words ü.txt"])
  const wanted = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join("")
  const digest = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex")
  expect(digest(await readFile((await downloads[0]?.path()) ?? ""))).toBe(digest(wanted))
})
