import { expect, type Page } from "@playwright/test"

/** Makes an account through the page; the first one of a server is its owner. Ends at home. */
export async function signUp(page: Page, email: string): Promise<void> {
  await page.goto("/sign-in")
  const create = page.getByRole("button", { name: "Create account" })
  const other = page.getByRole("button", { name: "New here? Create an account" })
  await expect(create.or(other)).toBeVisible()
  if (await other.isVisible()) await other.click()
  await page.getByLabel("Email").fill(email)
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse battery")
  await create.click()
  await expect(page.getByRole("heading", { name: "What do you want to build?" })).toBeVisible()
}
