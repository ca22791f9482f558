import { expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openPool } from "../../../lib/pool.ts"
import { startEmbedded } from "./embedded.ts"

const rounds = 15

test("fifteen kills while rows are written: whatever was answered is there, in one piece", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "gochat-storm-"))
  const server = await startEmbedded(dataDir)
  const client = openPool(server.url, 4)
  try {
    await client`create table written (n int primary key, text text not null)`
    const answered: number[] = []
    let n = 0
    for (let round = 0; round < rounds; round++) {
      const before = server.pid
      // The kill comes in the middle of the writes, each time at another place.
      setTimeout(() => process.kill(before, "SIGKILL"), 20 + round * 13)
      while (server.pid === before) {
        const batch = Array.from({ length: 4 }, () => n++)
        const writes = await Promise.allSettled(
          batch.map((id) => client`insert into written values (${id}, ${"x".repeat(500)})`),
        )
        answered.push(...batch.filter((_, index) => writes[index]?.status === "fulfilled"))
        await Bun.sleep(0)
      }
    }
    const rows = await client`select n from written where length(text) = 500`
    const stored = new Set(rows.map((row) => Number(row["n"])))
    expect(answered.length).toBeGreaterThan(rounds)
    expect(answered.filter((id) => !stored.has(id))).toEqual([])
  } finally {
    await client.end({ timeout: 1 })
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}, 180_000)
