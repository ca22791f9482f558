import { finish, write } from "./support/pages.ts"
import { ProjectPage } from "./support/project.ts"
import { signUp } from "./support/sign-up.ts"
import { expect, test } from "./support/wire-test.ts"

const app = (heading: string) => `export function App() {
  return <h1>${heading}</h1>
}
`

test("a React app changes under the frame while the AI still writes, without a reload", async ({ page, wire }) => {
  await wire.script("Greet me with React", [
    { calls: [write("src/app.jsx", app("Hello React"))] },
    { calls: [finish("It greets.")] },
  ])
  await wire.script(
    "Greet me louder",
    [{ calls: [write("src/app.jsx", app("HELLO REACT"))] }, { text: "and now I explain it at length. ".repeat(100) }],
    { tokensPerSecond: 80 },
  )
  const project = new ProjectPage(page)
  await signUp(page, "react@example.com")
  await page.getByRole("button", { name: "Options" }).click()
  await page.getByRole("menuitem", { name: "React app" }).click()
  await page.getByRole("textbox", { name: "What do you want to build?" }).fill("Greet me with React")
  await page.getByRole("button", { name: "Build it" }).click()
  await expect(project.app.getByRole("heading", { name: "Hello React" })).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole("button", { name: "Stop" })).toBeHidden()

  // Gone when the page in the frame is loaded again.
  const heading = project.app.getByRole("heading", { name: "HELLO REACT", exact: true })
  await project.app.locator("body").evaluate((body) => body.setAttribute("data-mark", "same page"))
  await project.say("Greet me louder")
  await expect(heading).toBeVisible()
  await expect(page.getByRole("button", { name: "Stop" })).toBeVisible()
  await expect(project.app.locator("body")).toHaveAttribute("data-mark", "same page")
  await page.getByRole("button", { name: "Stop" }).click()
  await expect(page.getByText("Stopped. Keep what was done?")).toBeVisible()
})
