import { describe, expect, test } from "bun:test"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import packageJson from "../package.json"
import { errors, runErrors } from "../shared/errors.ts"
import { news } from "../shared/events.ts"
import { loadConfig } from "./config.ts"
import { networkEnvironment } from "./lib/network-environment.ts"
import { procedures } from "./testing/procedures.ts"

/** What the documents say can be held against the code. */
const root = join(import.meta.dir, "..")
const read = (path: string) => readFileSync(join(root, path), "utf8")
const api = read("docs/api.md")

/** The rows of a section's tables that begin with code, as cells. */
const rows = (section: string): string[][] =>
  (api.split(`\n## ${section}\n`)[1]?.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("`", "")))

describe("docs/api.md", () => {
  test("names every procedure and its kind, and no other", () => {
    const told = rows("Procedures").map(([, path, kind]) => `${path} ${kind}`)
    expect(told.toSorted()).toEqual(procedures.map(({ path, type }) => `${path} ${type}`).toSorted())
  })

  test("names every event", () => {
    const types = news.options.map((option) => option.shape.type.value)
    expect(rows("Events").map(([, type]) => type)).toEqual([...types, "stream.reset"])
  })

  test("names every error with what it is on the wire", () => {
    const table = Object.entries(errors).map(([kind, row]) => [
      kind,
      String(row.status),
      row.code,
      row.retryable ? "yes" : "no",
    ])
    expect(rows("Errors").map((cells) => cells.slice(1, 5))).toEqual(table)
    for (const kind of Object.keys(runErrors)) expect(api).toContain(`\`${kind}\``)
  })
})

describe(".env.example", () => {
  /** `# NAME=value`, and the other names that the line above tells. */
  const named = [...read(".env.example").matchAll(/^# ([A-Z_]+)=|\b(?:Older|Other) names?: ([A-Z_, ]+)/gm)].flatMap(
    ([, name, others]) => name ?? others?.split(", ") ?? [],
  )

  test("names every variable that the server reads, and no other", () => {
    const asked = new Set<string>()
    const known: Record<string, string> = {
      GO_CHAT_SECRET_KEY: "0123456789abcdef0123456789abcdef",
      DATA_DIR: join(tmpdir(), "go-chat-never-made"),
      // The rest of GitLab's are only read with these.
      GITLAB_URL: "https://gitlab.example.com",
      GITLAB_TOKEN: "glpat-example",
    }
    const noting = (names: Set<string>) =>
      new Proxy(known, {
        get(env, name) {
          if (typeof name !== "string") return undefined
          names.add(name)
          return env[name]
        },
      })
    loadConfig(noting(asked))
    // Proxies and certificates have names that all programs know; they are told in words.
    const everybodys = new Set<string>()
    networkEnvironment(noting(everybodys))
    for (const name of everybodys) {
      asked.delete(name)
      if (name === name.toUpperCase() && !name.startsWith("GIT_")) expect(read("docs/operations.md")).toContain(name)
    }
    expect(named.toSorted()).toEqual([...asked].toSorted())
  })
})

describe("the documents", () => {
  const documents = ["README.md", "docs/operations.md", "docs/api.md"]
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)

  test.each(documents)("%s names only files and commands that there are", (document) => {
    const text = read(document)
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => join(document, "..", path ?? ""))
    const paths = [...text.matchAll(/(?<=[`\s(])(?:[\w.-]+\/)+[\w.-]*/g)].map(([path]) => path)
    const ours = paths.filter((path) => folders.includes(path.split("/")[0] ?? "") && !path.startsWith(".data/"))
    expect([...links, ...ours].filter((path) => !existsSync(join(root, path)))).toEqual([])
    const run = [...text.matchAll(/\bbun run ([a-z:]+)/g)].map(([, name]) => name ?? "")
    expect(run.filter((name) => !(name in packageJson.scripts))).toEqual([])
  })
})
