/**
 * `bun run test`: everything, once, in order of cost; `--long` runs the storms and corpora. Starts on a fresh clone, so
 * it imports nothing but Bun's own modules before `prepare` has installed the rest. Ends with `N passed, N failed`.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { prepare } from "../prepare.ts"
import { percent, readCoverage } from "./coverage.ts"
import { root, Steps, testEnvironment } from "./steps.ts"

const scratch = mkdtempSync(join(tmpdir(), "go-chat-check-"))
const long = process.argv.includes("--long")
/** What later steps are told of the container engine. */
let engine: Record<string, string> = {}
const steps = new Steps(testEnvironment(process.env, readFileSync(join(root, ".env.example"), "utf8")))

/** What must be run by tests. Entry points run as processes of their own, where coverage does not see them. */
interface Floor {
  folder: string
  pattern: string
  percent: number
}
const unmeasured =
  /\.test\.tsx?$|^server\/(testing|bench)\/|^server\/(main|dev|healthy|seed|migrate|prepare)\.ts$|^client\/(e2e|dist)\/|\.d\.ts$|\.config\.ts$/

const filesOf = (pattern: string): string[] => [...new Bun.Glob(pattern).scanSync({ cwd: root })].sort()
const testsOf = (folder: string): string[] =>
  filesOf(`${folder}/**/*.test.{ts,tsx}`).filter((path) => path.includes(".long.test.") === long)

async function bunTests(name: string, files: string[], floors: Floor[]): Promise<string | null> {
  if (files.length === 0) return "there are no tests"
  const folder = join(scratch, name)
  const measured = floors.length > 0 ? ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${folder}`] : []
  const paths = files.map((path) => `./${path}`)
  const { ok, output } = await steps.run([process.execPath, "test", ...measured, ...paths], engine)
  const count = (what: string) => Number(new RegExp(`^ *(\\d+) ${what}$`, "m").exec(output)?.[1] ?? 0)
  steps.passed += count("pass")
  steps.failed += count("fail")
  if (count("skip") > 0) steps.note(`${count("skip")} of them skipped: this machine cannot show what they test`)
  const below = floors.filter((floor) => !reaches(floor, readFileSync(join(folder, "lcov.info"), "utf8")))
  if (!ok) return "see above"
  return below.length === 0 ? null : `too little of ${below.map((floor) => floor.folder).join(" and ")} is run by tests`
}

function reaches(floor: Floor, lcov: string): boolean {
  const sources = filesOf(`${floor.folder}/**/${floor.pattern}`).filter((path) => !unmeasured.test(path))
  const coverage = readCoverage(lcov, root, sources)
  for (const path of coverage.unloaded) process.stdout.write(`no test loads ${path}\n`)
  steps.note(`${floor.folder}: tests run ${percent(coverage)} % of the lines, the floor is ${floor.percent} %`)
  return percent(coverage) >= floor.percent
}

/** Started here, so that no test pays for it, and for as long as this process lives. */
async function containerEngine(): Promise<string | null> {
  const { engineMissing, testEngine } = await import("./engine.ts")
  const missing = engineMissing()
  if (missing !== null) steps.note(`no containers are tested: ${missing}`)
  if (missing !== null) return null
  const { host, image } = await testEngine()
  engine = { GOCHAT_TEST_ENGINE: host, GOCHAT_TEST_IMAGE: image }
  return null
}

/** Generates from the schema into a copy: anything new there was forgotten here. */
async function migrationsInSync(): Promise<string | null> {
  const copy = join(scratch, "migrations")
  cpSync(join(root, "drizzle/migrations"), copy, { recursive: true })
  const before = readdirSync(copy).length
  const from = ["--dialect", "postgresql", "--schema", "./drizzle/schema/*.ts", "--out", relative(root, copy)]
  const problem = await steps.tool("drizzle-kit", "generate", ...from)
  if (problem === null && readdirSync(copy).length === before) return null
  return 'drizzle/schema and drizzle/migrations differ: run "bun run db:generate"'
}

async function browserTests(): Promise<string | null> {
  const { chromiumPath } = await import("./browser.ts")
  const report = join(scratch, "browser.json")
  const command = ["test", "--config", "client/e2e/playwright.config.ts", "--reporter", "list,json"]
  const { ok } = await steps.run([process.execPath, "x", "--no-install", "playwright", ...command], {
    ...engine,
    CHROMIUM_PATH: await chromiumPath(),
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1",
  })
  const { stats }: { stats: Record<"expected" | "unexpected" | "flaky" | "skipped", number> } = JSON.parse(
    readFileSync(report, "utf8"),
  )
  steps.passed += stats.expected + stats.flaky
  steps.failed += stats.unexpected
  if (stats.skipped > 0) steps.note(`${stats.skipped} of them skipped`)
  if (stats.flaky > 0) steps.note(`${stats.flaky} of them passed only when repeated`)
  return ok ? null : "see above"
}

async function everything(): Promise<void> {
  const floor = (folder: string, pattern: string, least: number) => ({ folder, pattern, percent: least })
  await steps.step("format", () => steps.tool("oxfmt", "--check"))
  await steps.step("lint", () => steps.tool("oxlint", "--type-aware", "--deny-warnings"))
  await steps.step("types", () => steps.tool("tsc", "--noEmit", "-p", "tsconfig.json"))
  await steps.step("dead code", () => steps.tool("knip"))
  await steps.step("migrations", migrationsInSync)
  await steps.step("container engine", containerEngine)
  await steps.step("tests of server and shared", () =>
    bunTests(
      "server",
      [...testsOf("server"), ...testsOf("shared")],
      [floor("server", "*.ts", 70), floor("shared", "*.ts", 70)],
    ),
  )
  await steps.step("tests of the client", () => bunTests("client", testsOf("client"), [floor("client", "*.ts", 60)]))
  await steps.step("client build", async () => {
    prepare({ client: true })
    return null
  })
  await steps.step("browser tests", browserTests)
}

process.on("exit", () => rmSync(scratch, { recursive: true, force: true }))
await steps.step("preparation", async () => {
  prepare({ client: false })
  return null
})
if (long) {
  await steps.step("container engine", containerEngine)
  await steps.step("long tests", () => bunTests("long", ["server", "shared", "client"].flatMap(testsOf), []))
} else await everything()
process.exit(steps.end())
