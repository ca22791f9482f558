import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { type Browser, type BrowserContext, chromium } from "@playwright/test"
import { projects } from "../../../drizzle/schema/project.ts"
import { createGoChatClient } from "../../../shared/client.ts"
import { freePort } from "../../lib/free-port.ts"
import { chromiumPath } from "../../testing/browser.ts"
import { type RawApp, startRawApp } from "../../testing/raw-app.ts"
import { startTestServer, type TestServer } from "../../testing/server.ts"

/** What a real browser does with our cookies when the pages of apps do their worst. */
let browser: Browser
let app: RawApp
const seenByApp: string[] = []
const body = `<!doctype html><title>app</title><p>the app</p>
<script>fetch("/data").then((answer) => answer.text()).then((text) => { document.body.append("data: " + text) })</script>`

beforeAll(async () => {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"]
  browser = await chromium.launch({ executablePath: await chromiumPath(), args })
  app = await startRawApp((socket, head) => {
    seenByApp.push(head)
    const text = head.startsWith("GET /data") ? "fine" : body
    socket.end(
      `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`,
    )
  })
}, 30_000)
afterAll(async () => {
  await browser.close()
  app.close()
})

interface Scene {
  server: TestServer
  context: BrowserContext
  appUrl: string
  draftUrl: string
}

/** A server with one project and a browser in which its owner is signed in. */
async function scene(previewDomain: (port: number) => string): Promise<Scene & AsyncDisposable> {
  const port = await freePort()
  const server = await startTestServer({ PORT: String(port), PREVIEW_DOMAIN: previewDomain(port) })
  server.services.sandboxes.wake = async () => app
  const { cookie } = await server.signUp()
  const { draftUrl } = await createGoChatClient({ url: server.url, cookie }).project.create.mutate({ title: "Shop" })
  await server.services.db.update(projects).set({ liveSha: "a".repeat(40) })
  const appUrl = server.services.config.publicUrl
  const context = await browser.newContext()
  const { hostname } = new URL(appUrl)
  await context.addCookies(
    cookie.split("; ").map((pair) => {
      const [name = "", ...value] = pair.split("=")
      return {
        name,
        value: value.join("="),
        domain: hostname,
        path: "/",
        secure: true,
        httpOnly: true,
        sameSite: "Lax",
      }
    }),
  )
  const close = async () => {
    await context.close()
    await server.stop()
  }
  return { server, context, appUrl, draftUrl: draftUrl ?? "", [Symbol.asyncDispose]: close }
}

describe.each([
  ["below the server's own name", (port: number) => `preview.gochat.localhost:${port}`],
  ["a domain of its own", (port: number) => `apps.localhost:${port}`],
])("previews at %s", (_, previewDomain) => {
  test("show in the frame and in a tab of their own, and never see who looks", async () => {
    await using on = await scene(previewDomain)
    seenByApp.length = 0
    const page = await on.context.newPage()
    await page.goto(`${on.appUrl}/health`)
    await page.evaluate((src) => {
      const frame = document.createElement("iframe")
      frame.src = src
      document.body.append(frame)
    }, on.draftUrl)
    await page.frameLocator("iframe").getByText("data: fine").waitFor({ timeout: 10_000 })
    const tab = await on.context.newPage()
    await tab.goto(on.draftUrl)
    await tab.getByText("data: fine").waitFor({ timeout: 10_000 })
    expect(seenByApp.length).toBeGreaterThanOrEqual(4)
    expect(seenByApp.join("\n")).not.toMatch(/__host|gochat-draft|cookie:/i)
  }, 30_000)

  test("cannot set a cookie that we read, nor frame each other's drafts", async () => {
    await using on = await scene(previewDomain)
    const page = await on.context.newPage()
    await page.goto(on.draftUrl)
    await page.getByText("data: fine").waitFor({ timeout: 10_000 })
    const { hostname } = new URL(on.appUrl)
    const previewHost = new URL(on.draftUrl).hostname
    const parents = [hostname, previewHost.slice(previewHost.indexOf(".") + 1), previewHost]
    const names = ["gochat", "gochat-draft", "gochat-cache"].flatMap((name) => [
      `__Host-${name}=evil`,
      `__host-${name}=evil`,
      `=__Host-${name}=evil`,
      `\u00a0__Host-${name}=evil`,
      `\u2000__Host-${name}=evil`,
    ])
    const tossed = parents.flatMap((domain) => names.map((pair) => `${pair}; Domain=${domain}; Path=/; Secure`))
    await page.evaluate((cookies) => {
      for (const cookie of [...cookies, "own=1; Path=/"]) document.cookie = cookie
    }, tossed)
    // Still the same person at both doors, whatever came along.
    await page.reload()
    await page.getByText("data: fine").waitFor({ timeout: 10_000 })
    const answer = await page.goto(`${on.appUrl}/trpc/account.get`)
    expect(answer?.status()).toBe(200)
    const ours = (await on.context.cookies()).filter(({ name }) => /^__host-gochat/i.test(name))
    expect(ours.filter(({ value }) => value.includes("evil"))).toEqual([])

    // Another host of the same site: it could as well be somebody else's app.
    await page.goto(on.draftUrl.replace("draft--", ""))
    await page.getByText("data: fine").waitFor({ timeout: 10_000 })
    const refused = page.waitForEvent("framenavigated", (frame) => frame.url().startsWith("chrome-error:"))
    await page.evaluate((src) => {
      const frame = document.createElement("iframe")
      frame.src = src
      document.body.append(frame)
    }, on.draftUrl)
    await refused
  }, 30_000)
})
