import { readdir, readFile, stat } from "node:fs/promises"

/** So much of the list of a container's files is read; whoever holds more has far too many open. */
const mostListed = 4 * 1024 ** 2

/**
 * Bytes of files that were removed and are still open in a process of a container that one of these folders is bound
 * into: they take the disk and stand in no folder. 0 where the processes are not on this machine, or not ours to look at.
 */
export async function heldBytes(folders: readonly string[]): Promise<number> {
  const [first] = folders
  const disk = first === undefined ? null : await stat(first).catch(() => null)
  const places = disk === null ? [] : await filesOf(folders)
  if (disk === null || places.length === 0) return 0
  const find = ["-L", ...places, "-mindepth", "1", "-maxdepth", "1", "-type", "f", "-links", "0", "-printf"]
  const child = Bun.spawn(["nice", "-n", "10", "find", ...find, "%D %i %b\n"], {
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    stdio: ["ignore", "pipe", "ignore"],
  })
  let text = ""
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece
    if (text.length > mostListed) child.kill()
  }
  // Several processes may have the same file open.
  const blocks = new Map<string, number>()
  for (const [, device, inode, count] of text.matchAll(/^(\d+) (\d+) (\d+)$/gm)) {
    if (Number(device) === disk.dev) blocks.set(inode ?? "", Number(count))
  }
  return 512 * [...blocks.values()].reduce((sum, count) => sum + count, 0)
}

/** Where the kernel lists the open files of each process that has one of the folders bound into its file system. */
async function filesOf(folders: readonly string[]): Promise<string[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name))
  const lists = await Promise.all(
    pids.map(async (pid) => {
      const mounts = await readFile(`/proc/${pid}/mountinfo`, "utf8").catch(() => "")
      return isBound(mounts, folders) ? [`/proc/${pid}/fd`, `/proc/${pid}/map_files`] : []
    }),
  )
  return lists.flat()
}

/** proc(5): the fourth field of a mount is the folder that is bound, as its own disk sees it; the fifth the place. */
function isBound(mounts: string, folders: readonly string[]): boolean {
  return mounts.split("\n").some((line) => {
    const [, , , bound = "", place] = line.split(" ")
    if (place !== "/workspace" && place !== "/data" && place !== "/cache") return false
    // Blanks and the like are written as octal numbers.
    const folder = bound.replaceAll(/\\([01]\d\d)/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    )
    return folder.length > 1 && folders.some((one) => one.endsWith(folder))
  })
}
