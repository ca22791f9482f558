/**
 * Ends an engine of the tests when no test process has used it for a while. A process of its own, because test
 * processes come and go and may be killed. Arguments: its folder, how long to wait, the flags of its daemon.
 */
import { renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { withFileLock } from "../lib/file-lock.ts"
import { stopDaemon } from "./engine-daemon.ts"
import { birth } from "./engine-process.ts"
import { engineInUse } from "./engine-users.ts"

const [folder = "", idleMs = "20000", ...flags] = process.argv.slice(2)
const note = join(folder, "keeper")
writeFileSync(`${note}.new`, `${process.pid} ${birth(String(process.pid))}`)
renameSync(`${note}.new`, note)

let used = Date.now()
for (;;) {
  if (engineInUse(folder)) used = Date.now()
  else if (Date.now() - used > Number(idleMs) && (await end())) break
  await Bun.sleep(1_000)
}

/** Under the lock that whoever wants the engine takes first, so that nobody is given one that ends. */
function end(): Promise<boolean> {
  return withFileLock(`${folder}.lock`, 600_000, async () => {
    if (engineInUse(folder)) return false
    await stopDaemon(folder, flags)
    rmSync(note, { force: true })
    return true
  })
}
