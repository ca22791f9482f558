import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { loadConfig } from "../config.ts"
import { spa } from "./spa.ts"

const script = "console.log('hello');".repeat(200)

describe("the built client", () => {
  let folder: string
  let serve: (path: string, init?: RequestInit) => Response | null
  let unbuilt: Response | null

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "spa-"))
    mkdirSync(join(folder, "dist/assets"), { recursive: true })
    writeFileSync(join(folder, "secret.txt"), "secret")
    writeFileSync(join(folder, "dist/index.html"), "<!doctype html><title>Go Chat</title>")
    writeFileSync(join(folder, "dist/theme.js"), "1")
    writeFileSync(join(folder, "dist/assets/main-abc123.js"), script)
    const config = loadConfig({ DATA_DIR: join(folder, "data"), GO_CHAT_SECRET_KEY: "k".repeat(40) })
    const answer = spa(config, join(folder, "dist"))
    serve = (path, init) => answer(new Request(`http://gochat.localhost:3000${path}`, init))
    unbuilt = spa(config, join(folder, "nothing"))(new Request("http://gochat.localhost:3000/"))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(["/", "/index.html", "/p/0190-some-project", "/settings/keys"])("%p is the page", async (path) => {
    const response = serve(path)
    expect(response?.status).toBe(200)
    expect(response?.headers.get("content-type")).toStartWith("text/html")
    expect(response?.headers.get("cache-control")).toBe("no-cache")
    expect(await response?.text()).toContain("Go Chat")
  })

  test("the page runs only our files, frames only previews, and is framed by nobody", () => {
    const policy = serve("/")?.headers.get("content-security-policy") ?? ""
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-src 'self' http://*.preview.gochat.localhost:3000;")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain("unsafe-eval")
  })

  test("hashed files are kept for ever and go out zipped to who takes that", async () => {
    const zipped = serve("/assets/main-abc123.js", { headers: { "accept-encoding": "gzip, br" } })
    expect(zipped?.headers.get("cache-control")).toBe("public, max-age=31536000, immutable")
    expect(zipped?.headers.get("content-encoding")).toBe("gzip")
    const bytes = new Uint8Array((await zipped?.arrayBuffer()) ?? new ArrayBuffer())
    expect(bytes.length).toBeLessThan(script.length / 5)
    expect(new TextDecoder().decode(Bun.gunzipSync(bytes))).toBe(script)

    const plain = serve("/assets/main-abc123.js")
    expect(plain?.headers.get("content-encoding")).toBeNull()
    expect(await plain?.text()).toBe(script)
  })

  test("a file that has not changed is not sent again", () => {
    const etag = serve("/theme.js")?.headers.get("etag") ?? ""
    expect(serve("/theme.js", { headers: { "if-none-match": etag } })?.status).toBe(304)
  })

  test.each(["/assets/gone-1.js", "/robots.txt"])("%p is nothing", (path) => {
    expect(serve(path)).toBeNull()
  })

  test.each(["/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/%00", "/.env"])(
    "%p shows no file of the machine",
    async (path) => {
      const text = (await serve(path)?.text()) ?? ""
      expect(text).not.toContain("secret")
    },
  )

  test("only reading is possible", () => {
    expect(serve("/", { method: "POST" })).toBeNull()
    expect(serve("/", { method: "HEAD" })?.status).toBe(200)
  })

  test("without a build a text says what to do", async () => {
    expect(unbuilt?.status).toBe(503)
    expect(await unbuilt?.text()).toContain("bun start")
  })
})
