import { test as base } from "@playwright/test"
import { type AppServer, startServer } from "./server.ts"

/** A test with a server of its own; `page.goto("/")` opens its home page. */
export const test = base.extend<object, { server: AppServer }>({
  server: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern
    async ({}, use) => {
      const server = await startServer()
      await use(server)
      await server.stop()
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
})

export { expect } from "@playwright/test"
