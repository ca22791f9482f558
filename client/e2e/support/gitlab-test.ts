import { test as base } from "@playwright/test"
import { type GitLab, openGitLab } from "./gitlab.ts"
import { type AppServer, startServer } from "./server.ts"
import { startWire, type Wire } from "./wire.ts"

interface Fixtures {
  wire: Wire
  gitlab: GitLab
  gitlabServer: AppServer
}

/** A test whose server keeps and checks projects in a GitLab, and talks to a real model's API; doubles play both. */
export const test = base.extend<object, Fixtures>({
  wire: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern
    async ({}, use) => {
      const wire = await startWire()
      await use(wire)
      await wire.stop()
    },
    { scope: "worker", timeout: 60_000 },
  ],
  gitlab: [
    // oxlint-disable-next-line no-empty-pattern -- as above
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
