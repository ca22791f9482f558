/**
 * `bun run test`: everything, once, in order of cost; `--long` runs the storms and corpora. Starts on a fresh clone, so
 * it imports nothing but Bun's own modules before `prepare` has installed the rest. Ends with `N passed, N failed`.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { prepare } from "../prepare.ts"
import { percent, readCoverage } from "./coverage.ts"

const root = join(import.meta.dir, "../..")
const scratch = mkdtempSync(join(tmpdir(), "go-chat-check-"))
const long = process.argv.includes("--long")

let passed = 0
let failed = 0
const summary: string[] = []

/** Settings of the person who runs this must not decide what the tests find; a test says itself what it needs. */
const environment: Record<string, string | undefined> = {
  ...process.env,
  NODE_ENV: "test",
  BUN_CONFIG_MAX_HTTP_REQUESTS: "4096",
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1",
}
for (const line of readFileSync(join(root, ".env.example"), "utf8").split("\n")) {
  const name = /^#?\s*([A-Z][A-Z_]+)=/.exec(line)?.[1]
  if (name) delete environment[name]
}

const bin = (name: string) => [process.execPath, "x", "--no-install", name]
const filesOf = (pattern: string): string[] => [...new Bun.Glob(pattern).scanSync({ cwd: root })].sort()
const testsOf = (folder: string): string[] =>
  filesOf(`${folder}/**/*.test.{ts,tsx}`).filter(
    (path) => !path.includes("/e2e/") && path.includes(".long.test.") === long,
  )

/** Runs a command, shows what it says and returns it. */
async function run(command: string[], env: Record<string, string> = {}): Promise<{ ok: boolean; output: string }> {
  const child = Bun.spawn(command, { cwd: root, env: { ...environment, ...env }, stdio: ["ignore", "pipe", "pipe"] })
  const texts = await Promise.all([child.stdout, child.stderr].map(show))
  return { ok: (await child.exited) === 0, output: texts.join("\n") }
}

async function show(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ""
  for await (const chunk of stream) {
    process.stdout.write(chunk)
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

/** One line of the summary. A step that is not a test run counts as one failure when it fails. */
async function step(name: string, work: () => Promise<string | null>): Promise<void> {
  process.stdout.write(`\n── ${name}\n`)
  const began = performance.now()
  let problem: string | null
  try {
    problem = await work()
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (problem !== null) process.stdout.write(`${problem}\n`)
  summary.push(
    `${problem === null ? "ok    " : "FAILED"} ${name} (${seconds} s)${problem === null ? "" : `: ${problem.split("\n")[0]}`}`,
  )
  failures.push(problem !== null)
}
const failures: boolean[] = []

/** A tool that says everything itself; its exit code is the answer. */
async function tool(command: string[]): Promise<string | null> {
  const { ok } = await run(command)
  if (!ok) failed++
  return ok ? null : "see above"
}

async function bunTests(
  files: string[],
  coverage: { folders: string[]; floor: number; logicOnly: boolean } | null,
): Promise<string | null> {
  if (files.length === 0) return null
  const folder = join(scratch, `coverage-${files.length}-${files[0]?.split("/")[0]}`)
  const measured = coverage ? ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${folder}`] : []
  const { ok, output } = await run([process.execPath, "test", ...measured, ...files.map((path) => `./${path}`)])
  const count = (what: string) => Number(new RegExp(`^ *(\\d+) ${what}$`, "m").exec(output)?.[1] ?? 0)
  passed += count("pass")
  failed += Math.max(count("fail"), ok ? 0 : 1)
  if (count("skip") > 0) summary.push(`       ${count("skip")} skipped, each with its reason beside the test`)
  if (!ok) return "see above"
  return coverage ? floorProblem(join(folder, "lcov.info"), coverage) : null
}

/** Entry points run as processes of their own in tests, where coverage does not see them; tests and benchmarks are no product. */
const unmeasured =
  /\.test\.tsx?$|^server\/(testing|bench)\/|^server\/(main|dev|seed|migrate|prepare)\.ts$|^client\/(e2e|dist)\/|\.d\.ts$|\.config\.ts$/

function floorProblem(
  lcov: string,
  { folders, floor, logicOnly }: { folders: string[]; floor: number; logicOnly: boolean },
): string | null {
  for (const folder of folders) {
    const sources = filesOf(`${folder}/**/*.${logicOnly ? "ts" : "{ts,tsx}"}`).filter((path) => !unmeasured.test(path))
    const coverage = readCoverage(readFileSync(lcov, "utf8"), root, sources)
    const words = `${folder}: ${percent(coverage)} % of the lines are run by tests, the floor is ${floor} %`
    summary.push(`       ${words}`)
    for (const path of coverage.unloaded) process.stdout.write(`no test loads ${path}\n`)
    if (percent(coverage) >= floor) continue
    failed++
    return words
  }
  return null
}

/** Generates from the schema into a copy: anything new there was forgotten here. */
async function migrationsInSync(): Promise<string | null> {
  const copy = join(scratch, "migrations")
  cpSync(join(root, "drizzle/migrations"), copy, { recursive: true })
  const before = readdirSync(copy).length
  const out = ["--dialect", "postgresql", "--schema", "./drizzle/schema/*.ts", "--out", copy]
  const { ok } = await run([...bin("drizzle-kit"), "generate", ...out])
  if (ok && readdirSync(copy).length === before) return null
  failed++
  return 'drizzle/schema and drizzle/migrations differ: run "bun run db:generate"'
}

async function browserTests(): Promise<string | null> {
  const { chromiumPath } = await import("./browser.ts")
  const report = join(scratch, "browser.json")
  const { ok } = await run(
    [...bin("playwright"), "test", "--config", "client/e2e/playwright.config.ts", "--reporter", "list,json"],
    {
      CHROMIUM_PATH: await chromiumPath(),
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    },
  )
  if (!existsSync(report)) {
    failed++
    return "the browser tests did not run"
  }
  const { stats } = JSON.parse(readFileSync(report, "utf8")) as {
    stats: Record<"expected" | "unexpected" | "flaky" | "skipped", number>
  }
  passed += stats.expected + stats.flaky
  failed += Math.max(stats.unexpected, ok ? 0 : 1)
  if (stats.skipped > 0) summary.push(`       ${stats.skipped} browser tests skipped`)
  if (stats.flaky > 0) summary.push(`       ${stats.flaky} browser tests passed only when repeated`)
  return ok ? null : "see above"
}

async function everything(): Promise<void> {
  await step("format", () => tool([...bin("oxfmt"), "--check"]))
  await step("lint", () => tool([...bin("oxlint"), "--type-aware", "--deny-warnings"]))
  await step("types", () => tool([...bin("tsc"), "--noEmit", "-p", "tsconfig.json"]))
  await step("dead code", () => tool(bin("knip")))
  await step("migrations", migrationsInSync)
  await step("server and shared tests", () =>
    bunTests([...testsOf("server"), ...testsOf("shared")], {
      folders: ["server", "shared"],
      floor: 70,
      logicOnly: false,
    }),
  )
  await step("client tests", () => bunTests(testsOf("client"), { folders: ["client"], floor: 60, logicOnly: true }))
  await step("client build", async () => (prepare({ client: true }), null))
  await step("browser tests", browserTests)
}

try {
  prepare({ client: false })
  if (long)
    await step("long tests", () => bunTests([...testsOf("server"), ...testsOf("shared"), ...testsOf("client")], null))
  else await everything()
} catch (error) {
  summary.push(`FAILED ${error instanceof Error ? error.message : String(error)}`)
  failed++
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
process.stdout.write(`\n${summary.join("\n")}\n\n${passed} passed, ${failed} failed\n`)
process.exit(failed > 0 || failures.includes(true) ? 1 : 0)
