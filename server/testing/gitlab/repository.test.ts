import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { join } from "node:path"
import { call, client, git, Kit, withToken } from "./kit.ts"

setDefaultTimeout(20_000)
const kit = new Kit()
afterEach(() => kit.close())

test("a clone, a push by whom may, none by force on the protected branch", async () => {
  const gitlab = await kit.gitlab()
  const { id } = await gitlab.createProject({ path: "shop", files: { "a.txt": "a" } })
  const dir = await kit.folder()
  expect(await git(dir, "clone", "-q", withToken(gitlab, "shop"), ".")).toMatchObject({ code: 0 })
  await gitlab.commit(id, { "b.txt": "b" })
  await Bun.write(join(dir, "c.txt"), "c")
  await git(dir, "add", ".")
  await git(dir, "commit", "-qm", "mine")
  expect(await git(dir, "push", "origin", "main")).toMatchObject({ code: 1, said: expect.stringContaining("fetch first") }) // prettier-ignore
  const forced = await git(dir, "push", "--force", "origin", "main")
  expect(forced.said).toContain("You are not allowed to force push code to a protected branch on this project.")
  expect(forced.code).toBe(1)
  expect(await git(dir, "push", "origin", "HEAD:refs/heads/work")).toMatchObject({ code: 0 })
  expect(await git(dir, "push", "origin", ":main")).toMatchObject({ code: 1, said: expect.stringContaining("delete") })
  const reader = gitlab.addToken({ scopes: ["read_repository"] })
  const denied = await git(dir, "push", withToken(gitlab, "shop", reader.value), "HEAD:refs/heads/other")
  expect(denied).toMatchObject({ code: 128, said: expect.stringContaining("Authentication failed") })
  const absent = await git(dir, "ls-remote", withToken(gitlab, "none"))
  expect(absent).toMatchObject({ code: 128, said: expect.stringContaining("not found") })
  gitlab.settings.accessLevel = 30
  const developer = await git(dir, "push", "--force", "origin", "main")
  expect(developer).toMatchObject({ code: 1, said: expect.stringContaining("not allowed to push code to protected") })
  gitlab.settings.accessLevel = 50
  await call(gitlab, `DELETE /projects/${id}/protected_branches/main`)
  expect(await git(dir, "push", "--force", "origin", "main")).toMatchObject({ code: 0 })
  expect(gitlab.violations).toEqual([])
})

test("commits by the API are whole or not at all", async () => {
  const gitlab = await kit.gitlab()
  const { id } = await gitlab.createProject({ path: "shop" })
  const commit = (actions: object[], more: object = {}) =>
    call(gitlab, `POST /projects/${id}/repository/commits`, { branch: "main", commit_message: "m", actions, ...more })
  const make = (file_path: string, content = "x") => ({ action: "create", file_path, content })
  expect(await commit([make("a.txt"), make("d/b.txt", "Ä")])).toMatchObject({ status: 201, body: { parent_ids: [] } })
  expect(await commit([make("c.txt"), make("a.txt")])).toMatchObject({ status: 400, body: { message: "A file with this name already exists" } }) // prettier-ignore
  expect(await commit([{ action: "update", file_path: "z", content: "" }])).toMatchObject({ status: 400, body: { message: "A file with this name doesn't exist" } }) // prettier-ignore
  expect(await commit([make("../z")])).toMatchObject({ status: 400 })
  expect(await commit([make("z")], { branch: "other" })).toMatchObject({ status: 400, body: { message: "You can only create or edit files when you are on a branch" } }) // prettier-ignore
  const moved = await commit([
    { action: "move", file_path: "e.txt", previous_path: "a.txt" },
    { action: "chmod", file_path: "e.txt", execute_filemode: true },
    { action: "delete", file_path: "d/b.txt" },
    { action: "create", file_path: "f.bin", content: Buffer.of(0, 255).toString("base64"), encoding: "base64" },
  ])
  expect(moved.status).toBe(201)
  const tree = await call(gitlab, `GET /projects/${id}/repository/tree?recursive=true`)
  expect(tree.body).toMatchObject([
    { path: "e.txt", mode: "100755" },
    { path: "f.bin", mode: "100644" },
  ])
  const raw = await fetch(`${gitlab.url}/api/v4/projects/${id}/repository/files/f.bin/raw?ref=main`, { headers: { authorization: `Bearer ${gitlab.token}` } }) // prettier-ignore
  expect(await raw.bytes()).toEqual(Uint8Array.of(0, 255))
  const api = client(gitlab)
  expect(await api.Branches.show(id, "main")).toMatchObject({ protected: true, default: true })
  expect(await api.RepositoryFiles.show(id, "e.txt", "main")).toMatchObject({ content: btoa("x"), execute_filemode: true }) // prettier-ignore
  expect(await api.Commits.all(id, { refName: "main", perPage: 1, maxPages: 1 })).toHaveLength(1)
  expect(gitlab.violations).toEqual([])
})

test("a merge request is opened, told of and merged", async () => {
  const gitlab = await kit.gitlab()
  const hooks = await kit.receiver()
  const { id } = await gitlab.createProject({ path: "shop", files: { "a.txt": "a" } })
  await gitlab.commit(id, { "a.txt": "b" }, { branch: "work/1", startBranch: "main" })
  await gitlab.settled()
  await call(gitlab, `POST /projects/${id}/hooks`, { url: hooks.url, merge_requests_events: true, push_events: false })
  const api = client(gitlab)
  const made = await api.MergeRequests.create(id, "work/1", "main", "Change a", { removeSourceBranch: true })
  expect(made).toMatchObject({ iid: 1, state: "opened", detailed_merge_status: "mergeable" })
  const twice = await call(gitlab, `POST /projects/${id}/merge_requests`, { source_branch: "work/1", target_branch: "main", title: "x" }) // prettier-ignore
  expect(twice.status).toBe(409)
  expect(await api.MergeRequests.merge(id, 1)).toMatchObject({ state: "merged" })
  expect(await gitlab.head(id, "work/1")).toBeNull()
  await gitlab.settled()
  const actions = hooks.got.map(({ body }) => (JSON.parse(body) as { object_attributes: { action: string } }).object_attributes.action) // prettier-ignore
  expect(actions.toSorted()).toEqual(["merge", "open"])
  expect(gitlab.violations).toEqual([])
})

test("variables, groups and namespaces answer as the documents say", async () => {
  const gitlab = await kit.gitlab()
  const { id } = await gitlab.createProject({ path: "shop" })
  const paths = ["GET /groups/go-chat", "GET /groups", "GET /namespaces/go-chat", "GET /namespaces", "GET /user", "GET /version"] // prettier-ignore
  for (const line of paths) expect((await call(gitlab, line)).status).toBe(200)
  expect((await call(gitlab, "GET /groups/none")).body).toEqual({ message: "404 Group Not Found" })
  const variable = { key: "NAME", value: "long enough", masked: true }
  expect((await call(gitlab, `POST /projects/${id}/variables`, variable)).status).toBe(201)
  expect((await call(gitlab, `POST /projects/${id}/variables`, variable)).status).toBe(400)
  expect((await call(gitlab, `PUT /projects/${id}/variables/NAME`, { value: "b" })).body.value).toBe("b")
  expect((await call(gitlab, `DELETE /projects/${id}/variables/NAME`)).status).toBe(204)
  gitlab.settings.accessLevel = 30
  expect((await call(gitlab, `GET /projects/${id}/hooks`)).status).toBe(403)
  expect(gitlab.violations).toEqual([])
})
