import { expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { loadConfig } from "../config.ts"
import { createLog } from "../log.ts"
import { frame } from "./frame.ts"

test("every answer has an id and a line in the log, and the line holds no secret", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "frame-"))
  const config = loadConfig({ DATA_DIR: dataDir, GO_CHAT_SECRET_KEY: "k".repeat(40) })
  rmSync(dataDir, { recursive: true })
  const lines: string[] = []
  const log = createLog({ logLevel: "info", logFormat: "json" }, { write: (line) => lines.push(line) })
  const url = "http://gochat.localhost:3000/trpc/chat.send?input=%22my%20diary%22&token=tok-123"
  const headers = { cookie: "__Host-gochat=cook-123", "x-api-key": "gck_key-123", "x-request-id": "trace-12345" }
  const answer = await frame(
    { config, log },
    new Request(url, { method: "POST", headers, body: "pass-123" }),
    async () => Response.json({}),
  )
  expect(answer.headers.get("x-request-id")).toBe("trace-12345")
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff")
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "info",
    requestId: "trace-12345",
    method: "POST",
    path: "/trpc/chat.send",
    status: 200,
  })
  expect(lines[0]).not.toMatch(/diary|tok-|cook-|gck_|pass-/)
})
