import { expect, test } from "bun:test"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Folder } from "./folder.ts"
import { readEntry } from "./read.ts"

/** Turns `f` into a link to the secret, into a pipe and back, as fast as it can. */
const swapper = `
  const fs = require("fs")
  for (;;) {
    fs.symlinkSync("../secret", "l"); fs.renameSync("l", "f")
    fs.writeFileSync("m", "mine"); fs.renameSync("m", "f")
    fs.linkSync("pipe", "p"); fs.renameSync("p", "f")
    fs.writeFileSync("m", "mine"); fs.renameSync("m", "f")
    if (!fs.existsSync("ready")) fs.writeFileSync("ready", "")
  }`

test("a file that is swapped for a link or a pipe between look and open is not read through, and blocks nothing", async () => {
  const base = mkdtempSync(join(tmpdir(), "gochat-read-"))
  const root = join(base, "root")
  writeFileSync(join(base, "secret"), "secret")
  Bun.spawnSync(["mkdir", root])
  Bun.spawnSync(["mkfifo", join(root, "pipe")])
  const attack = Bun.spawn(["bun", "-e", swapper], { cwd: root, stdout: "ignore", stderr: "inherit" })
  try {
    while (!existsSync(join(root, "ready"))) await Bun.sleep(5)
    using folder = Folder.root(root)
    const seen = new Set<string>()
    // On a busy machine the other process may not get its turn for a while: until it was seen at work, nothing is shown.
    const end = performance.now() + 15_000
    for (let at = 0; at < 60_000 || (seen.size < 2 && performance.now() < end); at++) {
      const file = readEntry(folder, "f", 1000)
      seen.add(file === null ? "none" : "bytes" in file ? new TextDecoder().decode(file.bytes) : "large")
    }
    expect([...seen].sort()).toEqual(["mine", "none"])
  } finally {
    attack.kill("SIGKILL")
    await attack.exited
    rmSync(base, { recursive: true, force: true })
  }
}, 20_000)
