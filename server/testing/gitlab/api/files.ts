import { gitBytes, gitLine, gitText, repoOf, resolve } from "../git/git.ts"
import { notFound, ok, text } from "../http/answer.ts"
import { page } from "../http/pages.ts"
import type { Call, Routes } from "../http/router.ts"
import { flagOf, textOf } from "../http/values.ts"
import type { Project } from "../world.ts"
import { inProject } from "./find.ts"

async function commitOf(call: Call, project: Project): Promise<string> {
  const ref = textOf(call, "ref") ?? "HEAD"
  const sha = await resolve(repoOf(call.world, project), ref === "HEAD" ? project.defaultBranch : ref)
  if (sha === null) throw notFound(textOf(call, "ref") === null ? "Tree" : "Commit")
  return sha
}

async function blobOf(call: Call, project: Project): Promise<{ bytes: Uint8Array; commit: string; path: string }> {
  const commit = await commitOf(call, project)
  const path = call.params["file_path"] ?? ""
  const bytes = await gitBytes(repoOf(call.world, project), ["cat-file", "blob", `${commit}:${path}`])
  if (bytes === null) throw notFound("File")
  return { bytes, commit, path }
}

/** The tree and single files, read only. */
export const fileRoutes: Routes = {
  "GET /projects/:id/repository/tree": inProject(async (call, project) => {
    const commit = await commitOf(call, project)
    const path = (textOf(call, "path") ?? "").replace(/\/$/, "")
    const recursive = flagOf(call, "recursive") === true ? ["-r", "-t"] : []
    const list = await gitText(repoOf(call.world, project), ["ls-tree", "-z", ...recursive, path === "" ? commit : `${commit}:${path}`]) // prettier-ignore
    if (list === null) throw notFound("invalid revision or path")
    const rows = list.split("\0").flatMap((line) => {
      const [, mode = "", type = "", id = "", name = ""] = /^(\d+) (\w+) (\w+)\t([\s\S]+)$/.exec(line) ?? []
      const full = path === "" ? name : `${path}/${name}`
      return name === "" ? [] : [{ id, name: full.split("/").at(-1), type, path: full, mode }]
    })
    return page(call, rows, (row) => row)
  }),
  "GET /projects/:id/repository/files/:file_path": inProject(async (call, project) => {
    const dir = repoOf(call.world, project)
    const { bytes, commit, path } = await blobOf(call, project)
    return ok({
      file_name: path.split("/").at(-1),
      file_path: path,
      size: bytes.length,
      encoding: "base64",
      content_sha256: new Bun.CryptoHasher("sha256").update(bytes).digest("hex"),
      ref: textOf(call, "ref") ?? "HEAD",
      blob_id: await gitLine(dir, ["rev-parse", `${commit}:${path}`]),
      commit_id: commit,
      last_commit_id: await gitLine(dir, ["log", "-1", "--format=%H", commit, "--", path]),
      execute_filemode: (await gitLine(dir, ["ls-tree", commit, "--", path])).startsWith("100755"),
      content: Buffer.from(bytes).toString("base64"),
    })
  }),
  "GET /projects/:id/repository/files/:file_path/raw": inProject(async (call, project) => {
    const { bytes } = await blobOf(call, project)
    return text(bytes, bytes.includes(0) ? "application/octet-stream" : "text/plain; charset=utf-8")
  }),
}
