import { defineConfig } from "@playwright/test"

const browser = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium"

export default defineConfig({
  testDir: ".",
  // Not `*.spec.ts`: a bare `bun test` would take those for its own.
  testMatch: "*.e2e.ts",
  outputDir: "../../test-results",
  // Each worker starts a whole server with its own database; the machine's cores are for them.
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env["CI"] !== undefined,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [["list"], ["./support/summary-reporter.ts"]],
  use: {
    actionTimeout: 20_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    viewport: { width: 1280, height: 860 },
    launchOptions: {
      executablePath: browser,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-domain-reliability",
        "--disable-sync",
        "--no-first-run",
        "--no-proxy-server",
      ],
    },
  },
})
