import { expect, test } from "bun:test"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Artifacts } from "./artifacts.ts"

const jobId = "00000000-0000-4000-8000-000000000001"

test("a program that a job let everybody run in its owner's name does not run so as ours", async () => {
  const base = mkdtempSync(join(tmpdir(), "gochat-artifacts-"))
  try {
    const [root, later, kept] = [join(base, "root"), join(base, "later"), join(base, "kept")]
    for (const folder of [root, later]) mkdirSync(folder)
    for (const [name, mode] of [
      ["program", 0o6755],
      ["closed", 0o200],
      ["open", 0o666],
    ] as const) {
      writeFileSync(join(root, name), "x")
      chmodSync(join(root, name), mode)
    }
    const artifacts = new Artifacts(kept)
    const spec = { paths: ["*"], exclude: [], when: "always", expireMs: null, name: null } as const
    expect(await artifacts.save(jobId, "make", root, spec, () => {})).toBe(3)
    await artifacts.restore(jobId, later)
    const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)
    for (const folder of [join(kept, jobId), later]) {
      expect([folder, ...["program", "closed", "open"].map((name) => modeOf(join(folder, name)))]).toEqual([
        folder,
        "755",
        "644",
        "644",
      ])
    }
    expect(modeOf(join(kept, jobId))).toBe("700")
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
})
