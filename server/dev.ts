/**
 * `bun run dev`: both sides with hot reload. Vite serves the page and hands everything else to the server, which starts
 * anew when its code changes. The page is on another port than the server, so the server is told where people open it.
 */
import { join } from "node:path"
import { prepare } from "./prepare.ts"

const root = join(import.meta.dir, "..")
const port = Number(process.env["PORT"] ?? 3000)
const page = port + 1

prepare({ client: false })

const environment = {
  ...process.env,
  NODE_ENV: "development",
  BUN_CONFIG_MAX_HTTP_REQUESTS: "4096",
  PORT: String(port),
  PUBLIC_URL: `http://gochat.localhost:${page}`,
  PREVIEW_DOMAIN: `preview.gochat.localhost:${port}`,
  GO_CHAT_DEV_SERVER: `http://127.0.0.1:${port}`,
}
const start = (command: string[]) =>
  Bun.spawn([process.execPath, ...command], { cwd: root, env: environment, stdio: ["inherit", "inherit", "inherit"] })

const sides = [
  start(["--watch", "--no-clear-screen", "server/main.ts"]),
  start(["node_modules/vite/bin/vite.js", "--config", "client/vite.config.ts", "--port", String(page), "--strictPort"]),
]
// A terminal sends Ctrl-C to all of us; the sides end by themselves then, and a kill from elsewhere is passed on.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    for (const side of sides) side.kill("SIGTERM")
  })
}
console.log(`\n  Go Chat for developers: http://gochat.localhost:${page}\n`)

// One side alone is of no use.
await Promise.race(sides.map((side) => side.exited))
for (const side of sides) side.kill("SIGTERM")
await Promise.all(sides.map((side) => side.exited))
