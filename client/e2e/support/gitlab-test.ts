import { type GitLab, openGitLab } from "./gitlab.ts"
import { type AppServer, startServer } from "./server.ts"
import { test as base } from "./wire-test.ts"

interface Fixtures {
  gitlab: GitLab
  gitlabServer: AppServer
}

/** A test whose server keeps and checks projects in a GitLab, and talks to a real model's API; doubles play both. */
export const test = base.extend<object, Fixtures>({
  gitlab: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern
    async ({}, use) => {
      const gitlab = await openGitLab()
      await use(gitlab)
      await gitlab.stop()
    },
    { scope: "worker", timeout: 60_000 },
  ],
  gitlabServer: [
    async ({ wire, gitlab }, use) => {
      const model = { CLAUDE_API_KEY: "test-key", ANTHROPIC_BASE_URL: wire.url }
      const server = await startServer({ ...model, ...gitlab.env })
      await use(server)
      await server.stop()
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ gitlabServer }, use) => use(gitlabServer.url),
})

export { expect } from "@playwright/test"
