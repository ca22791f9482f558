import { describe, expect, test } from "bun:test"
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { loadConfig } from "./config.ts"
import type { Env } from "./lib/env-reader.ts"

const secret = "0123456789abcdef0123456789abcdef"
const config = (env: Env) => loadConfig({ GO_CHAT_SECRET_KEY: secret, ...env })

describe("defaults", () => {
  test("nothing set serves gochat.localhost with its previews beside it", () => {
    expect(config({})).toMatchObject({
      port: 3000,
      host: "127.0.0.1",
      publicUrl: "http://gochat.localhost:3000",
      previewDomain: "preview.gochat.localhost:3000",
      databaseUrl: null,
      enableSignup: true,
      claudeApiKey: null,
      claudeModel: "claude-sonnet-5-5",
      sandbox: "auto",
      logFormat: "json",
      ssePingInterval: 15,
    })
    expect(config({}).dataDir).toBe(join(import.meta.dir, "../.data"))
  })

  test("the previews follow the port and the public address", () => {
    expect(config({ PORT: "4000" })).toMatchObject({
      publicUrl: "http://gochat.localhost:4000",
      previewDomain: "preview.gochat.localhost:4000",
    })
    expect(config({ PUBLIC_URL: "https://chat.example.com/", SANDBOX: "process" })).toMatchObject({
      publicUrl: "https://chat.example.com",
      previewDomain: "preview.chat.example.com",
    })
    expect(config({ PUBLIC_URL: "http://127.0.0.1:3000" }).previewDomain).toBe("preview.gochat.localhost:3000")
  })

  test("older names are read, the new one wins, an empty value is unset", () => {
    expect(config({ GO_CHAT_PORT: "4001", WS_PING_INTERVAL: "30s", ANTHROPIC_API_KEY: "k" })).toMatchObject({
      port: 4001,
      ssePingInterval: 30,
      claudeApiKey: "k",
    })
    expect(config({ GO_CHAT_PORT: "4001", PORT: "4002" }).port).toBe(4002)
    expect(config({ PORT: " ", CLAUDE_API_KEY: "" })).toMatchObject({ port: 3000, claudeApiKey: null })
  })

  test("what this version cannot use is named, not swallowed", () => {
    expect(config({ OLLAMA_HOST: "http://127.0.0.1:11434", OPENAI_API_KEY: "" }).unused).toEqual(["OLLAMA_HOST"])
  })
})

describe("GitLab", () => {
  const both = { GITLAB_URL: "https://gitlab.example.com/git/", GITLAB_TOKEN: "glpat-hush-hush" }

  test("is there with an address and a token, in the group go-chat unless another is named", () => {
    expect(config({}).gitlab).toBeNull()
    expect(config(both)).toMatchObject({
      gitlab: {
        url: "https://gitlab.example.com/git",
        token: "glpat-hush-hush",
        group: "go-chat",
        webhookSecret: null,
      },
      unused: [],
    })
    const own = { GITLAB_GROUP: "company/apps", GITLAB_WEBHOOK_SECRET: "0123456789abcdef" }
    expect(config({ ...both, ...own }).gitlab).toMatchObject({
      group: "company/apps",
      webhookSecret: "0123456789abcdef",
    })
  })

  test("a token that cannot be one is not repeated", () => {
    expect(() => config({ ...both, GITLAB_TOKEN: "glpat hush" })).toThrow(/one word/)
    expect(() => config({ ...both, GITLAB_TOKEN: "glpat hush" })).not.toThrow(/hush/)
  })
})

describe("a wrong value", () => {
  const wrong: [Env, string, RegExp][] = [
    [{ PORT: "eighty" }, "PORT", /"eighty" and must be a whole number from 1 to 65535, for example PORT=3000\.$/],
    [{ PORT: "70000" }, "PORT", /from 1 to 65535/],
    [{ GO_CHAT_PORT: "-1" }, "GO_CHAT_PORT", /whole number/],
    [{ MAX_CONCURRENT_CHATS: "0" }, "MAX_CONCURRENT_CHATS", /at least 1/],
    [{ ENABLE_SIGNUP: "maybe" }, "ENABLE_SIGNUP", /true or false/],
    [{ LOG_LEVEL: "loud" }, "LOG_LEVEL", /one of trace, debug/],
    [{ SSE_PING_INTERVAL: "soon" }, "SSE_PING_INTERVAL", /time in seconds/],
    [{ PUBLIC_URL: "chat.example.com" }, "PUBLIC_URL", /http or https address/],
    [{ PUBLIC_URL: "http://chat.example.com" }, "PUBLIC_URL", /must begin with https/],
    [{ PUBLIC_URL: "https://example.com/chat" }, "PUBLIC_URL", /end after the host/],
    [{ PUBLIC_URL: "https://10.0.0.5", SANDBOX: "process" }, "PREVIEW_DOMAIN", /must be set/],
    [{ PREVIEW_DOMAIN: "http://x" }, "PREVIEW_DOMAIN", /must be a host name/],
    [
      { PUBLIC_URL: "https://chat.example.com", PREVIEW_DOMAIN: "example.com", SANDBOX: "process" },
      "PREVIEW_DOMAIN",
      /must not contain/,
    ],
    [{ DATABASE_URL: "mysql://x/y" }, "DATABASE_URL", /postgres:\/\//],
    [{ GO_CHAT_SECRET_KEY: "short" }, "GO_CHAT_SECRET_KEY", /at least 32/],
    [{ TRUSTED_PROXIES: "127.0.0.1, caddy" }, "TRUSTED_PROXIES", /has "caddy" and must be a list of addresses/],
    [{ TRUSTED_PROXIES: "0.0.0.0/0" }, "TRUSTED_PROXIES", /has "0\.0\.0\.0\/0"/],
    [{ TRUSTED_PROXIES: "10.0.0.0/33" }, "TRUSTED_PROXIES", /ranges of them/],
    [{ CORS_ORIGINS: "*" }, "CORS_ORIGINS", /exact origins/],
    [{ SANDBOX: "vm" }, "SANDBOX", /one of auto, docker, process/],
    [{ DOCKER_HOST: "/var/run/docker.sock" }, "DOCKER_HOST", /container engine/],
    [{ CONTAINER_MEMORY_LIMIT: "2 pounds" }, "CONTAINER_MEMORY_LIMIT", /a size/],
    [{ CONTAINER_CPU_LIMIT: "0" }, "CONTAINER_CPU_LIMIT", /at least 0.05/],
    [{ GITLAB_TOKEN: "glpat-x" }, "GITLAB_URL", /is missing, and GITLAB_TOKEN is set/],
    [{ GITLAB_URL: "https://gitlab.example.com" }, "GITLAB_TOKEN", /is missing, and GITLAB_URL is set/],
    [{ GITLAB_URL: "gitlab.example.com", GITLAB_TOKEN: "glpat-x" }, "GITLAB_URL", /http or https/],
    [{ GITLAB_URL: "https://g.example", GITLAB_TOKEN: "x", GITLAB_GROUP: "/apps" }, "GITLAB_GROUP", /path of a group/],
    [
      { GITLAB_URL: "https://g.example", GITLAB_TOKEN: "x", GITLAB_WEBHOOK_SECRET: "short" },
      "GITLAB_WEBHOOK_SECRET",
      /at least 16/,
    ],
    [{ ANTHROPIC_BASE_URL: "ftp://x" }, "ANTHROPIC_BASE_URL", /http or https/],
  ]

  test.each(wrong)("%p names %s, the problem and an example", (env, variable, message) => {
    expect(() => config(env)).toThrow(expect.objectContaining({ name: "StartError", variable }))
    expect(() => config(env)).toThrow(message)
    expect(() => config(env)).toThrow(new RegExp(`for example ${variable}=`))
  })

  test("a secret is not repeated in the sentence", () => {
    expect(() => config({ GO_CHAT_SECRET_KEY: "abc-123" })).toThrow(expect.not.objectContaining({ message: /abc-123/ }))
    expect(() => config({ DATABASE_URL: "mysql://me:hush@x/y" })).not.toThrow(/hush/)
  })
})

describe("the secret key", () => {
  test("is made once in the data folder and readable by its owner only", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "gochat-config-"))
    try {
      const first = loadConfig({ DATA_DIR: dataDir })
      expect(first.secretKey).toHaveLength(64)
      expect(loadConfig({ DATA_DIR: dataDir }).secretKey).toBe(first.secretKey)
      expect(readFileSync(join(dataDir, "secret.key"), "utf8").trim()).toBe(first.secretKey)
      expect(statSync(join(dataDir, "secret.key")).mode & 0o777).toBe(0o600)
    } finally {
      rmSync(dataDir, { recursive: true })
    }
  })

  test("a data folder that cannot be made is one sentence that names it", () => {
    expect(() => loadConfig({ DATA_DIR: "/dev/null/data" })).toThrow(
      /^The data folder cannot be used: \/dev\/null\/data .*set DATA_DIR/,
    )
  })
})
