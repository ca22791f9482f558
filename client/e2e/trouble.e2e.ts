import { finish, pageOf, write } from "./support/pages.ts"
import { ProjectPage } from "./support/project.ts"
import { signUp } from "./support/sign-up.ts"
import { expect, test } from "./support/wire-test.ts"

const pace = { tokensPerSecond: 80 }
const slowWords = "slow words ".repeat(400)

test("stopping keeps what was done when the person wants it, and the wish can be tried again", async ({
  page,
  wire,
}) => {
  const wish = "Write me a page and then talk for long"
  await wire.script(wish, [{ calls: [write("index.html", pageOf("Half a page"))] }, { text: slowWords }], pace)
  await wire.script("Continue from where you were cut off", [{ text: "Here is the rest." }])
  const project = new ProjectPage(page)
  await signUp(page, "stop@example.com")
  await project.start(wish)
  await expect(project.answers.first().getByText("slow words")).toBeVisible()
  await page.getByRole("button", { name: "Stop" }).click()
  await expect(project.answers.first().getByText("Stopped. Keep what was done?")).toBeVisible()
  await expect(page.getByRole("button", { name: "Stop" })).toBeHidden()
  const keep = page.getByRole("button", { name: "Keep", exact: true })
  await keep.click()
  await expect(project.receipt(0).getByRole("link", { name: "Version 1" })).toBeVisible()
  await expect(keep).toBeHidden()
  await expect(project.answers.first().getByText("Stopped. What was done is kept.")).toBeVisible()
  await expect(project.app.getByRole("heading", { name: "Half a page" })).toBeVisible()
  await page.reload()
  await expect(project.receipt(0).getByRole("link", { name: "Checks passed" })).toBeVisible()
  await expect(keep).toBeHidden()

  await page.getByRole("button", { name: "Continue" }).click()
  await expect(project.answers.nth(1).getByText("Here is the rest.")).toBeVisible()
  await expect(project.log.getByText(wish)).toHaveCount(1)
})

test("what is said during an answer waits in line, can be changed and taken out", async ({ page, wire }) => {
  await wire.script("Talk until I stop you", [{ text: slowWords }], pace)
  await wire.script("as changed", [{ text: "This was the changed one." }])
  const project = new ProjectPage(page)
  await signUp(page, "queue@example.com")
  await project.start("Talk until I stop you")
  await expect(project.answers.first().getByText("slow words")).toBeVisible()
  await project.say("The next thing")
  await project.say(`Not wanted after all, ${"and longer than the line has room for, ".repeat(5)}`)
  const queue = page.getByRole("list", { name: "Next in line:" }).getByRole("listitem")
  await expect(queue).toHaveCount(2)
  await queue.first().getByRole("button", { name: "Edit" }).click()
  await page.getByRole("textbox", { name: "Edit" }).fill("The next thing, as changed")
  await page.keyboard.press("Enter")
  await expect(queue.first()).toContainText("The next thing, as changed")
  await queue.nth(1).getByRole("button", { name: "Remove" }).click()
  await expect(queue).toHaveCount(1)
  await page.getByRole("button", { name: "Stop" }).click()
  await expect(project.answers.nth(1).getByText("This was the changed one.")).toBeVisible()
  await expect(queue).toHaveCount(0)
  await expect(project.log.getByText("The next thing, as changed")).toHaveCount(1)
  await expect(project.log.getByText("Not wanted after all")).toHaveCount(0)
})

test("a message written without a connection is sent once, when it is back", async ({ page, context, wire }) => {
  const away = "Said while nobody could hear"
  await wire.script("Say something short", [{ text: "Something short." }])
  await wire.script(away, [{ text: "Heard it." }])
  const project = new ProjectPage(page)
  await signUp(page, "away@example.com")
  await project.start("Say something short")
  await expect(project.answers.first().getByText("Something short.")).toBeVisible()
  await context.setOffline(true)
  await project.say(away)
  await expect(project.log.getByText("Will send when you are back")).toBeVisible()
  await context.setOffline(false)
  await expect(project.answers.nth(1).getByText("Heard it.")).toBeVisible()
  await expect(project.log.getByText("Will send when you are back")).toBeHidden()
  await expect(project.log.getByText(away)).toHaveCount(1)
  expect((await wire.turns()).filter((turns) => turns.includes(away))).toHaveLength(1)
  await page.reload()
  await expect(project.answers.nth(1).getByText("Heard it.")).toBeVisible()
  await expect(project.log.getByText(away)).toHaveCount(1)
})

test("a red check says why, and Fix it turns it green", async ({ page, wire }) => {
  const check = `import { expect, test } from "bun:test"
test("the page greets the reader", async () => {
  expect(await Bun.file("index.html").text()).toContain("Good morning")
})
`
  const wish = "Greet the reader and check that you do"
  await wire.script(wish, [
    { calls: [write("index.html", pageOf("Good evening")), write("tests/greeting.test.js", check)] },
    { calls: [finish("The page greets.")] },
  ])
  await wire.script("A check failed (test)", [
    { text: "The greeting was the wrong one.", calls: [write("index.html", pageOf("Good morning"))] },
    { calls: [finish("Now it is morning.")] },
  ])
  const project = new ProjectPage(page)
  await signUp(page, "red@example.com")
  await project.start(wish)
  await project.receipt(0).getByRole("link", { name: "A check failed" }).click()
  await expect(project.receipt(0).getByText("Not live")).toBeVisible()
  await expect(page.getByRole("log", { name: "Checks" }).getByText("error: expect(received)")).toBeInViewport()
  await expect(project.answers.first().getByText("A check failed: the page greets the reader")).toBeVisible()
  await expect(project.answers.first().getByRole("button", { name: "Fix it" })).toBeVisible()
  await page.getByRole("region", { name: "What was built" }).getByRole("button", { name: "Fix it" }).click()
  await expect(project.log.getByText("Received:")).toBeVisible()
  await expect(project.log.getByText("A check failed (test). Please fix it.")).toBeVisible()
  await expect(project.answers.nth(1).getByText("Now it is morning.")).toBeVisible()
  await project.live(1)
  await project.tab("Preview")
  await expect(project.app.getByRole("heading", { name: "Good morning" })).toBeVisible()
})

test("an app that does not start says why, and Fix it brings it back", async ({ page, wire }) => {
  const good = `Bun.serve({
  hostname: process.env.HOST,
  port: Number(process.env.PORT),
  fetch: () => new Response(Bun.file("index.html")),
})
`
  const wish = "Serve me a page of your own"
  await wire.script(wish, [
    { calls: [write("index.html", pageOf("Back again")), write("server.js", "import './lost.js'\n")] },
    { calls: [finish("Here it is.")] },
  ])
  await wire.script("The app does not start", [
    { calls: [write("server.js", good)] },
    { calls: [finish("It starts now.")] },
  ])
  const project = new ProjectPage(page)
  await signUp(page, "broken@example.com")
  await project.start(wish)
  const stage = page.getByRole("region", { name: "What was built" })
  await expect(stage.getByText("Your app stopped")).toBeVisible()
  await expect(stage.getByText("lost.js")).toBeVisible()
  await stage.getByRole("button", { name: "Fix it" }).click()
  await expect(project.answers.nth(1).getByText("It starts now.")).toBeVisible()
  await expect(project.app.getByRole("heading", { name: "Back again" })).toBeVisible()
})
