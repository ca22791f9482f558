import { existsSync } from "node:fs"
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { codeOf } from "../../../lib/tree/folder.ts"
import { runGit } from "./run-git.ts"

/**
 * The last word on attributes: whatever a tree asks for, files are stored, compared, packed and merged as they are.
 * `!` takes back what a `.gitattributes` said without saying something else.
 */
const attributes =
  "* !diff !merge -text !eol -ident -filter -working-tree-encoding -export-ignore -export-subst !whitespace !delta !conflict-marker-size\n"

/** Makes a bare repository in one step; whole, or not there. */
export async function createRepository(gitDir: string): Promise<void> {
  if (existsSync(gitDir)) return
  await mkdir(dirname(gitDir), { recursive: true })
  const made = `${gitDir}.${crypto.randomUUID()}.new`
  try {
    await runGit(made, ["init", "--quiet", "--bare", "--template=", "--initial-branch=main"])
    await chmod(made, 0o700)
    await mkdir(join(made, "info"), { recursive: true })
    await writeFile(join(made, "info/attributes"), attributes)
    await rename(made, gitDir)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    // Two calls at the same moment: the other one made it.
    if (!["ENOTEMPTY", "EEXIST"].includes(codeOf(error) ?? "")) throw error
  }
}
