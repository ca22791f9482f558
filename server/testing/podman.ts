import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { withFileLock } from "../lib/file-lock.ts"
import { engineAnswers } from "./engine-call.ts"
import { testImage } from "./engine-image.ts"
import { engineFolder } from "./engine-private.ts"
import { startApart } from "./engine-process.ts"
import type { TestEngine } from "./engine.ts"
import { until } from "./until.ts"

const startMs = 30_000
/** The service ends by itself when nobody has asked it anything for so many seconds. */
const idleSeconds = 30

/** Podman's Docker-compatible socket with a store of its own, as root, and an image to make containers of. */
export function podmanEngine(): Promise<TestEngine> {
  const folder = engineFolder("podman")
  return withFileLock(`${folder}.lock`, 300_000, async () => {
    const host = `unix://${join(folder, "podman.sock")}`
    if (!(await engineAnswers(host))) {
      mkdirSync(join(folder, "root"), { recursive: true })
      const store = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "overlay"]
      const service = ["system", "service", `--time=${idleSeconds}`, host]
      startApart(["podman", ...store, "--cgroup-manager", "cgroupfs", ...service], join(folder, "log"))
      await until(() => engineAnswers(host), startMs)
    }
    return { host, image: await testImage(host) }
  })
}

/** Why this machine cannot run it; null when it can. */
export function podmanMissing(): string | null {
  if (process.env["CI"] === "true") return null
  if (process.getuid?.() !== 0) return "only root can start a container engine"
  return Bun.which("podman") === null ? "podman is not installed" : null
}
