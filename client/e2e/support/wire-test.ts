import { test as base } from "@playwright/test"
import { type AppServer, startServer } from "./server.ts"
import { startWire, type Wire } from "./wire.ts"

interface Fixtures {
  /** What an operator set beside the key of the model; `test.use` gives a file a server of its own. */
  serverEnv: Record<string, string>
  wire: Wire
  wireServer: AppServer
}

/** A test whose server talks to a real model's API, played by a double. */
export const test = base.extend<object, Fixtures>({
  serverEnv: [{}, { option: true, scope: "worker" }],
  wire: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern
    async ({}, use) => {
      const wire = await startWire()
      await use(wire)
      await wire.stop()
    },
    { scope: "worker", timeout: 60_000 },
  ],
  wireServer: [
    async ({ wire, serverEnv }, use) => {
      const server = await startServer({ CLAUDE_API_KEY: "test-key", ANTHROPIC_BASE_URL: wire.url, ...serverEnv })
      await use(server)
      await server.stop()
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ wireServer }, use) => use(wireServer.url),
})

export { expect } from "@playwright/test"
