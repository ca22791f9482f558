import { expect, type Locator, type Page } from "@playwright/test"

/** What a person does and sees on the screen of a project, in one place. */
export class ProjectPage {
  readonly log: Locator
  readonly answers: Locator
  readonly composer: Locator
  readonly app

  constructor(readonly page: Page) {
    this.log = page.getByRole("log", { name: "Conversation" })
    this.answers = page.locator('[data-message="assistant"]')
    this.composer = page.getByRole("textbox", { name: "Message" })
    this.app = page.frameLocator('iframe[title="Your app"]')
  }

  /** From the home page; ends where the wish shows in the conversation. */
  async start(wish: string): Promise<void> {
    await this.page.goto("/")
    await this.page.getByRole("textbox", { name: "What do you want to build?" }).fill(wish)
    await this.page.getByRole("button", { name: "Build it" }).click()
    await expect(this.log.getByText(wish).first()).toBeVisible()
  }

  async say(words: string): Promise<void> {
    await this.composer.fill(words)
    await this.composer.press("Enter")
  }

  receipt(index: number): Locator {
    return this.answers.nth(index).getByRole("group", { name: "What came of it" })
  }

  /** Waits until the version of an answer is checked and live. */
  async live(index: number): Promise<void> {
    await expect(this.receipt(index).getByRole("link", { name: "Checks passed" })).toBeVisible()
    await expect(this.receipt(index).getByRole("link", { name: "Live" })).toHaveAttribute("href", /gochat\.localhost/)
  }

  tab(name: "Preview" | "Code" | "Checks" | "Versions"): Promise<void> {
    return this.page.getByRole("link", { name, exact: true }).click()
  }
}
