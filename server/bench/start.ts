/**
 * `bun run bench:start`: how long from `bun start` until `/health` says 200 and until the first page is there, on a
 * machine that has the dependencies. The first start makes the data folder, the second finds it.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "../lib/free-port.ts"
import { prepare } from "../prepare.ts"
import { machine } from "./machine.ts"

const PROMISE_MS = 5_000
const root = join(import.meta.dir, "../..")
const dataDir = mkdtempSync(join(tmpdir(), "go-chat-bench-"))

/** Asks until the answer is 200; the server's end is the end of asking. */
async function until(url: string, alive: () => boolean): Promise<string> {
  while (alive()) {
    const response = await fetch(url).catch(() => null)
    if (response?.status === 200) return response.text()
    await Bun.sleep(5)
  }
  throw new Error("the server ended before it answered")
}

async function measure(name: string): Promise<number> {
  const port = await freePort()
  const began = performance.now()
  const server = Bun.spawn([process.execPath, "start"], {
    cwd: root,
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: "error" },
    stdio: ["ignore", "ignore", "inherit"],
  })
  try {
    const alive = () => server.exitCode === null
    await until(`http://127.0.0.1:${port}/health`, alive)
    const healthy = performance.now() - began
    const page = await until(`http://127.0.0.1:${port}/`, alive)
    const usable = performance.now() - began
    if (!page.includes("<title>")) throw new Error("the first page has no title")
    console.log(
      `${name.padEnd(14)} /health ${healthy.toFixed(0).padStart(6)} ms   first page ${usable.toFixed(0).padStart(6)} ms`,
    )
    return usable
  } finally {
    server.kill("SIGTERM")
    await server.exited
  }
}

try {
  prepare({ client: true })
  console.log(machine())
  await measure("new data")
  const times = [await measure("second start"), await measure("third start")]
  const worst = Math.max(...times)
  console.log(
    `${worst < PROMISE_MS ? "kept" : "BROKEN"}: ready within ${PROMISE_MS} ms, slowest ${worst.toFixed(0)} ms`,
  )
  process.exitCode = worst < PROMISE_MS ? 0 : 1
} finally {
  rmSync(dataDir, { recursive: true, force: true })
}
