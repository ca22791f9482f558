import { createHash } from "node:crypto"
import { GitFailed, type GitProcess, startGit } from "./run-git.ts"

/** The name that git gives to a content. */
export function blobSha(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex")
}

/** Reads many blobs, as they were stored, through one git process. */
export class BlobReader implements AsyncDisposable {
  private readonly process: GitProcess
  private readonly output: ReadableStreamDefaultReader<Uint8Array>
  private rest: Uint8Array = new Uint8Array()

  constructor(gitDir: string) {
    this.process = startGit(gitDir, ["cat-file", "--batch"])
    this.output = this.process.stdout.getReader()
  }

  /** The bytes of a blob by its sha or `<commit>:<path>`; null when there is no such blob. One call at a time. */
  async read(name: string): Promise<Uint8Array | null> {
    if (name.includes("\n")) return null
    await this.process.stdin.write(`${name}\n`)
    await this.process.stdin.flush()
    const header = await this.line()
    const [, type, size] = / (\w+) (\d+)$/.exec(header) ?? []
    if (type === undefined) return null
    const bytes = await this.take(Number(size))
    await this.take(1)
    return type === "blob" ? bytes : null
  }

  private async line(): Promise<string> {
    for (;;) {
      const end = this.rest.indexOf(10)
      if (end >= 0) return new TextDecoder().decode(await this.take(end + 1)).trimEnd()
      await this.more()
    }
  }

  private async take(length: number): Promise<Uint8Array> {
    if (this.rest.length < length) await this.fill(length)
    const bytes = this.rest.subarray(0, length)
    this.rest = this.rest.subarray(length)
    return bytes
  }

  /** Joins what arrives once, so that a large blob is not copied for every piece. */
  private async fill(length: number): Promise<void> {
    const pieces = [this.rest]
    for (let have = this.rest.length; have < length; have += pieces.at(-1)?.length ?? 0) pieces.push(await this.next())
    this.rest = Buffer.concat(pieces)
  }

  private async more(): Promise<void> {
    this.rest = Buffer.concat([this.rest, await this.next()])
  }

  private async next(): Promise<Uint8Array> {
    const { value, done } = await this.output.read()
    if (done) throw new GitFailed("cat-file", await this.process.exited, await new Response(this.process.stderr).text())
    return value
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stdin.end()
    await this.output.cancel()
    this.process.kill()
    await this.process.exited
  }
}

/** Stores new blobs through one git process; started with the first. */
export class BlobWriter implements AsyncDisposable {
  private process: GitProcess | null = null

  constructor(
    private readonly gitDir: string,
    private readonly env: Record<string, string>,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    this.process ??= startGit(this.gitDir, ["fast-import", "--quiet", "--done"], { env: this.env })
    const { stdin } = this.process
    await stdin.write(`blob\ndata ${bytes.length}\n`)
    await stdin.write(bytes)
    await stdin.write("\n")
    await stdin.flush()
  }

  /** All that was written is stored; throws when it is not. */
  async finish(): Promise<void> {
    const { process } = this
    if (process === null) return
    this.process = null
    await process.stdin.write("done\n")
    await process.stdin.end()
    const [stderr, exitCode] = await Promise.all([new Response(process.stderr).text(), process.exited])
    if (exitCode !== 0) throw new GitFailed("fast-import", exitCode, stderr)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process?.kill()
    await this.process?.exited
  }
}
