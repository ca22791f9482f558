import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { Kit } from "../../../testing/gitlab/kit.ts"
import type { Settings } from "../../../testing/gitlab/world.ts"
import { createGitLabClient } from "./client.ts"
import { nameOf, pathOf } from "./project-names.ts"
import { createRemoteProject } from "./create-project.ts"
import { removeRemoteProject, renameRemoteProject, showRemoteProject } from "./projects.ts"

setDefaultTimeout(15_000)
const kit = new Kit()
afterEach(() => kit.close())

async function start(settings: Partial<Settings> = {}) {
  const gitlab = await kit.gitlab(settings)
  const client = createGitLabClient({ url: gitlab.url, token: gitlab.token, pauseMs: 4 })
  const group = { id: gitlab.group.id, path: gitlab.group.fullPath }
  const make = (projectId = "p1", more: { slug?: string; title?: string } = {}) =>
    createRemoteProject(client, group, { projectId, slug: "shop", title: "My shop", description: "Sells.", ...more })
  return { gitlab, client, make, group }
}

test("it is private, without pipelines of GitLab's own, and its branch is read back", async () => {
  const { gitlab, make, client } = await start({ defaultBranch: "trunk", subPath: "/gitlab", firstId: 5_000_000_000 })
  const made = await make()
  expect(made).toEqual({
    id: made.id,
    path: "go-chat/shop",
    webUrl: `${gitlab.url}/go-chat/shop`,
    cloneUrl: `${gitlab.url}/go-chat/shop.git`,
    defaultBranch: "trunk",
    images: null,
  })
  expect(made.id).toBeGreaterThan(2 ** 32)
  const project = gitlab.project(made.id)
  expect(project).toMatchObject({ name: "My shop", visibility: "private", autoDevOps: false })
  expect(project.description).toStartWith("Sells.")
  expect(await showRemoteProject(client, made.id)).toEqual(made)
  expect(gitlab.violations).toEqual([])
})

test("an attempt whose answer was lost, or that is made again, ends in the same project", async () => {
  const { gitlab, make } = await start()
  for (const kind of ["lost", "cut"] as const) {
    gitlab.trouble({ method: "POST", path: /\/projects$/, trouble: { kind } })
    const made = await make(kind, { slug: kind, title: kind })
    expect(await make(kind, { slug: kind, title: "Renamed" })).toEqual(made)
  }
  expect(gitlab.world.projects.size).toBe(2)
  gitlab.trouble({ method: "POST", path: /\/projects$/, trouble: { kind: "html", status: 503 } })
  await expect(make("p3", { slug: "other", title: "Other" })).rejects.toMatchObject({ kind: "away" })
  expect((await make("p3", { slug: "other", title: "Other" })).path).toBe("go-chat/other")
})

test("what others have is not touched: the next free name is taken, and found again", async () => {
  const { gitlab, make } = await start()
  await gitlab.createProject({ path: "shop", description: "Go Chat project p1\n\nof others" })
  await gitlab.createProject({ path: "elsewhere", name: "my shop shop" })
  const made = await make()
  expect(made.path).toBe("go-chat/shop-2")
  expect(await make()).toEqual(made)
  expect((await make("p2")).path).toBe("go-chat/shop-3")
  gitlab.project(made.id).markedForDeletion = new Date()
  expect((await make()).path).toBe("go-chat/shop-4")
})

test("many projects of one title are made with two requests each", async () => {
  const { gitlab, make } = await start()
  for (let number = 0; number < 12; number++) await make(`p${number}`, { slug: `shop-${number}x` })
  expect(gitlab.world.projects.size).toBe(12)
  expect(gitlab.requests.filter(({ method }) => method === "POST").length).toBeLessThanOrEqual(23)
})

test("a new title changes the name alone; one that is taken gets a number", async () => {
  const { gitlab, make, client } = await start()
  const made = await make()
  await make("p2", { slug: "cafe", title: "Café" })
  expect(await renameRemoteProject(client, made.id, "Mon café: fleurs & thé 🌷")).toEqual(made)
  expect(gitlab.project(made.id).name).toBe("Mon café fleurs thé 🌷")
  await renameRemoteProject(client, made.id, "CAFÉ")
  expect(gitlab.project(made.id).name).toBe(`CAFÉ ${made.id}`)
  await expect(renameRemoteProject(client, 99_999, "x")).rejects.toMatchObject({ kind: "missing" })
})

test("removed for good, with and without the delay of newer versions", async () => {
  for (const version of [17, 18]) {
    const { gitlab, make, client } = await start({ version })
    const made = await make()
    await removeRemoteProject(client, made.id)
    await gitlab.settled()
    expect([version, gitlab.world.projects.size]).toEqual([version, 0])
    await removeRemoteProject(client, made.id)
    expect(await showRemoteProject(client, made.id)).toBeNull()
    expect((await make()).path).toBe("go-chat/shop")
  }
})

test("one that is only marked counts as removed; an answer that was lost does not stop it", async () => {
  const { gitlab, make, client } = await start()
  const marked = await make()
  gitlab.trouble({ method: "DELETE", times: 2, trouble: { kind: "lost" } })
  await removeRemoteProject(client, marked.id)
  await gitlab.settled()
  expect(gitlab.world.projects.size).toBe(0)
  const kept = await make()
  gitlab.project(kept.id).markedForDeletion = new Date()
  gitlab.trouble({ method: "DELETE", times: 2, trouble: { kind: "forbidden" } })
  await removeRemoteProject(client, kept.id)
  expect(await showRemoteProject(client, kept.id)).toBeNull()
  gitlab.calm()
  const mine = await make()
  gitlab.settings.accessLevel = 40
  await expect(removeRemoteProject(client, mine.id)).rejects.toMatchObject({ kind: "forbidden" })
})

test("paths and names that GitLab takes", () => {
  expect(["My Shop!", "--a__b..c--", "раз", "tree", "a".repeat(300)].map((slug) => pathOf(slug).slice(0, 40))).toEqual([
    "my-shop", "a-b-c", "app", "tree-app", "a".repeat(40),
  ]) // prettier-ignore
  expect(["Раз, два", "-(x)", "🌷 & 🌹", "!!", `${"a".repeat(199)}🌷`].map((title) => nameOf(title, "app"))).toEqual([
    "Раз два", "x", "🌷 🌹", "app", "a".repeat(199),
  ]) // prettier-ignore
})
