import { finish, write } from "./support/pages.ts"
import { ProjectPage } from "./support/project.ts"
import { signUp } from "./support/sign-up.ts"
import { expect, test } from "./support/wire-test.ts"

const app = `<!doctype html>
<html lang="en"><head><meta charset="utf-8" /><meta name="viewport" content="width=device-width" /><title>Shelf</title></head>
<body><h1>Shelf</h1>
<button id="inside" type="button">Go inside</button>
<button id="break" type="button">Break it</button>
<script type="module" src="shelf.js"></script></body></html>
`
const script = `document.querySelector("#inside").addEventListener("click", () => history.pushState({}, "", "/inside?shelf=2"))
document.querySelector("#break").addEventListener("click", () => { throw new Error("the shelf fell down") })
`

test("the app's path is shown, its errors are offered to the AI, and the AI is told", async ({ page, wire }) => {
  const wish = "Build me a shelf"
  await wire.script(wish, [
    { calls: [write("index.html", app), write("shelf.js", script)] },
    { calls: [finish("The shelf is there.")] },
  ])
  await wire.script("the shelf fell down", [{ text: "I will hold it." }])
  const project = new ProjectPage(page)
  await signUp(page, "shelf@example.com")
  await project.start(wish)
  await project.live(0)
  const path = page.getByRole("textbox", { name: "Path in the app" })
  await project.app.getByRole("button", { name: "Go inside" }).click()
  await expect(path).toHaveValue("/inside?shelf=2")
  await project.app.getByRole("button", { name: "Break it" }).click()
  const stage = page.getByRole("region", { name: "What was built" })
  await stage.getByRole("button", { name: "Fix it" }).click()
  await expect(project.answers.nth(1).getByText("I will hold it.")).toBeVisible()
  expect((await wire.turns()).at(-1)).toContain("the shelf fell down")
})
