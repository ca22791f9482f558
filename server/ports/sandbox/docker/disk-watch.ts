import { statfs } from "node:fs/promises"
import { heldBytes } from "./held-files.ts"
import { sizeWords } from "./words.ts"

const lookMs = 2_000
/** Folders are measured when the disk lost this much since, and from time to time; measuring takes at most 5 % of it. */
const lostBytes = 32 * 1024 ** 2
const restMs = 8_000
const restShare = 20
/** Files are limited, too: a disk can run out of places for them while there is room for bytes. */
const leastPerFile = 4096

/** Watches what projects take of the disk: engines can seldom limit a folder that is bound into a container. */
export class DiskWatch {
  readonly #timer: ReturnType<typeof setInterval>
  #looking: Promise<void> | null = null
  #free = Infinity
  #restUntil = 0

  constructor(
    /** Any folder of the disk that is watched. */
    private readonly disk: string,
    private readonly limit: number,
    /** Folders of each project that runs. */
    private readonly folders: () => Map<string, Set<string>>,
    private readonly onFull: (projectId: string, words: string) => void,
  ) {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => (this.#looking = null))
    }, lookMs)
    this.#timer.unref()
  }

  /** Words when these folders together hold more than a project may. */
  async problem(given: Iterable<string>): Promise<string | null> {
    const folders = [...given]
    const [bytes, held, files] = await Promise.all([
      diskUse(folders, "-k").then((kilobytes) => kilobytes * 1024),
      heldBytes(folders),
      diskUse(folders, "--inodes"),
    ])
    const most = Math.floor(this.limit / leastPerFile)
    const advice = "Remove what it does not need, or ask the AI to."
    if (bytes + held > this.limit)
      return `This project takes ${sizeWords(bytes + held)} of the disk and may take ${sizeWords(this.limit)}. ${advice}`
    if (files <= most) return null
    const count = (number: number) => number.toLocaleString("en")
    return `This project has ${count(files)} files and folders and may have ${count(most)}. ${advice}`
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #look(): Promise<void> {
    const running = this.folders()
    if (running.size === 0) return
    const { bavail, bsize } = await statfs(this.disk)
    const free = bavail * bsize
    const lost = this.#free - free
    const began = performance.now()
    if (lost < Math.min(lostBytes, this.limit / 8) && began < this.#restUntil) return
    this.#free = free
    for (const [projectId, folders] of running) {
      const problem = await this.problem(folders)
      if (problem !== null) this.onFull(projectId, problem)
    }
    this.#restUntil = performance.now() + Math.max(restMs, (performance.now() - began) * restShare)
  }
}

/** Kilobytes on the disk or inodes, counted by `du`: it walks quicker than we could, and not in our process. */
async function diskUse(folders: string[], what: "-k" | "--inodes"): Promise<number> {
  if (folders.length === 0) return 0
  const child = Bun.spawn(["nice", "-n", "10", "du", "-sxc", what, "--", ...folders], {
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    stdio: ["ignore", "pipe", "ignore"],
  })
  const text = await new Response(child.stdout).text()
  return Number(/^(\d+)\ttotal$/m.exec(text)?.[1] ?? 0)
}
