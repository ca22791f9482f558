import { expect, test } from "bun:test"
import { join } from "node:path"

// Bun keeps at most 256 requests alive unless it is told otherwise before the process starts.
test("300 answers stream at once", async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "parallel-streams.ts")], {
    env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: "4096" },
    stdout: "pipe",
    stderr: "inherit",
  })
  expect((await new Response(child.stdout).text()).trim()).toBe("300 at once, 300 whole")
  expect(await child.exited).toBe(0)
}, 30_000)
