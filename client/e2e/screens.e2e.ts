import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "@playwright/test"
import { signUp } from "./support/sign-up.ts"
import { expect, test } from "./support/test.ts"

/** No finding of axe in either theme, and nothing that scrolls sideways on the narrowest phone. */
async function holds(page: Page, path: string, settled: string): Promise<void> {
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 })
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      await page.goto(path)
      await expect(page.getByText(settled).filter({ visible: true }).first()).toBeVisible()
      const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze()
      const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html ?? ""}`)
      expect(found, `${path} at ${width} px, ${colorScheme}`).toEqual([])
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
      expect(wide, `${path} scrolls sideways at ${width} px`).toBe(false)
    }
  }
}

test("every screen is readable, named and fits a phone", async ({ page }) => {
  test.setTimeout(300_000)
  await page.goto("/sign-in")
  await holds(page, "/sign-in", "Password")
  await signUp(page, "screens@example.com")
  await holds(page, "/", "Your projects")
  await holds(page, "/settings", "Delete account")

  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto("/")
  await page.getByRole("button", { name: "Inventory tracker" }).click()
  await page.keyboard.press("Enter")
  await expect(page.getByRole("link", { name: "Checks passed" })).toBeVisible()
  const project = new URL(page.url()).pathname
  await holds(page, project, "Checks passed")
  await holds(page, `${project}?tab=code`, "What version 1 changed")
  await holds(page, `${project}?tab=checks`, "Log of test")
  await holds(page, `${project}?tab=versions`, "Look at it")
})

test("reading back while an answer is written is not disturbed", async ({ page }) => {
  await signUp(page, "reader@example.com")
  await page.setViewportSize({ width: 1280, height: 420 })
  await page.getByRole("button", { name: "Inventory tracker" }).click()
  await page.getByRole("button", { name: "Build it" }).click()
  const log = page.getByRole("log", { name: "Conversation" })
  await expect(log.getByText("logic.js")).toBeVisible()
  await log.hover()
  await page.mouse.wheel(0, -2000)
  await expect(page.getByRole("button", { name: "New messages below: go to the end" })).toBeVisible()
  const place = await log.evaluate((node) => node.scrollTop)
  await expect(page.getByRole("button", { name: "Stop" })).toBeHidden()
  expect(await log.evaluate((node) => node.scrollTop)).toBe(place)
  await page.getByRole("button", { name: "New messages below: go to the end" }).click()
  await expect(page.getByRole("link", { name: "Version 1" })).toBeInViewport()
})
