import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  type Stats,
} from "node:fs"
import { join } from "node:path"
import { AppError } from "../../app-error.ts"

const openFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
/** Linux reaches the entries of an open folder through its descriptor, which is `openat` by another name. */
const descriptors = "/proc/self/fd"
const byDescriptor = existsSync(descriptors)

/**
 * An open folder inside a tree that somebody else may be changing right now. Every step goes from an open
 * folder to one name in it and never follows a link, so swapping a folder for a link between the check and
 * the use changes nothing: the descriptor still is the folder that was checked. (Without /proc each step
 * is checked by name only.)
 */
export class Folder implements Disposable {
  private constructor(
    readonly fd: number,
    private readonly path: string,
  ) {}

  /** The root of a tree; what lies above it is ours and trusted. */
  static root(path: string): Folder {
    return new Folder(openSync(path, openFolder), path)
  }

  /** The address of an entry, for calls that do not follow a link at its end. */
  at(name: string): string {
    return byDescriptor ? `${descriptors}/${this.fd}/${name}` : join(this.path, name)
  }

  /** The address of the folder itself, for reading its names. */
  get self(): string {
    return byDescriptor ? `${descriptors}/${this.fd}` : this.path
  }

  stat(name: string): Stats | null {
    return lstatSync(this.at(name), { throwIfNoEntry: false }) ?? null
  }

  /** Throws ENOENT, or ENOTDIR for a link, a file or anything else that is not a folder. */
  open(name: string): Folder {
    return new Folder(openSync(this.at(name), openFolder), join(this.path, name))
  }

  /** null when it is no folder: gone, something else, or closed to us, perhaps since its name was read. */
  openIfThere(name: string): Folder | null {
    try {
      return this.open(name)
    } catch (error) {
      if (["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EPERM"].includes(codeOf(error) ?? "")) return null
      throw error
    }
  }

  /** Makes the folder when it is missing, owned like the tree. */
  make(name: string): Folder {
    try {
      mkdirSync(this.at(name), 0o755)
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error
      return this.open(name)
    }
    const made = this.open(name)
    ownLike(made.fd, fstatSync(this.fd))
    return made
  }

  /** False when the folder was moved out of `root` after it was opened. */
  isInside(root: Folder): boolean {
    if (!byDescriptor) return true
    const from = readlinkSync(root.self)
    const here = readlinkSync(this.self)
    return here === from || here.startsWith(`${from}/`)
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }
}

/** A server that is root leaves what it makes to the owner of the tree: apps run as that user. */
export function ownLike(fd: number, owner: Stats): void {
  if (process.getuid?.() === 0 && owner.uid !== 0) fchownSync(fd, owner.uid, owner.gid)
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined

/** Walks to the folder that holds `path` and works there, making folders if asked; null when one on the way is missing. */
export function inParent<T>(
  root: string,
  path: string,
  make: boolean,
  work: (parent: Folder, name: string) => T,
): T | null {
  const segments = path.split("/")
  const name = segments.pop() ?? ""
  if (make) mkdirSync(root, { recursive: true })
  else if (!existsSync(root)) return null
  using top = Folder.root(root)
  using opened = new DisposableStack()
  let parent = top
  for (const [depth, segment] of segments.entries()) {
    try {
      parent = opened.use(make ? parent.make(segment) : parent.open(segment))
    } catch (error) {
      const code = codeOf(error)
      if (code === "ENOENT") return null
      if (code === "EACCES" || code === "EPERM") throw new AppError("bad_input", `${segment} is closed to the server`)
      if (code !== "ENOTDIR" && code !== "ELOOP") throw error
      const way = segments.slice(0, depth + 1).join("/")
      const link = parent.stat(segment)?.isSymbolicLink() === true
      throw new AppError(
        "bad_input",
        link ? `${way} is a link; links are not followed` : `${way} is a file, not a folder`,
      )
    }
  }
  if (!parent.isInside(top)) throw new AppError("bad_input", `the folder of ${path} was moved out of the project`)
  return work(parent, name)
}
