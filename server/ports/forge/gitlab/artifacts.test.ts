import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { zipSync } from "fflate"
import { Kit } from "../../../testing/gitlab/kit.ts"
import type { Settings } from "../../../testing/gitlab/world.ts"
import { type ArtifactLimits, GitLabArtifacts } from "./artifacts.ts"
import { createGitLabClient } from "./client.ts"

setDefaultTimeout(10_000)
const kit = new Kit()
afterEach(() => kit.close())

const bytes = (text: string) => new TextEncoder().encode(text)

async function kept(zip: Uint8Array, limits: Partial<ArtifactLimits> = {}, options: Partial<Settings> = {}) {
  const gitlab = await kit.gitlab(options)
  const file = "a: { script: ['true'] }\n"
  const { id } = await gitlab.createProject({ path: "shop", pipelines: "scripted", files: { ".gitlab-ci.yml": file } })
  await gitlab.settled()
  const script = gitlab.script(id).set("a", "success", { artifacts: zip })
  const client = createGitLabClient({ url: gitlab.url, token: gitlab.token, pauseMs: 5, perMinute: 100_000, timeoutMs: 1_000 }) // prettier-ignore
  const artifacts = new GitLabArtifacts(client, limits)
  const jobId = script.job("a").id
  return {
    gitlab,
    list: () => artifacts.list(id, script.pipeline.id, (number) => `our ${number}`),
    open: (path: string) => artifacts.open(id, jobId, path),
    jobId,
    downloads: () => gitlab.requests.filter(({ path }) => path.endsWith("/artifacts")).length,
  }
}

test("files are listed from an archive that is fetched once, and opened; the token stays at GitLab", async () => {
  const zip = zipSync({ "out/ö b#.txt": bytes("hello"), "a.txt": bytes("") })
  const { gitlab, list, open, jobId, downloads } = await kept(zip, {}, { artifactRedirect: true })
  const files = [
    { jobId: `our ${jobId}`, name: "a", path: "out/ö b#.txt", size: 5 },
    { jobId: `our ${jobId}`, name: "a", path: "a.txt", size: 0 },
  ]
  expect(await list()).toEqual(files)
  expect(await list()).toEqual(files)
  expect(downloads()).toBe(1)
  expect(gitlab.storage.map(({ headers }) => [headers.get("private-token"), headers.get("authorization")])).toEqual([[null, null]]) // prettier-ignore
  expect(await (await open("out/ö b#.txt"))?.text()).toBe("hello")
  expect(await open("none.txt")).toBeNull()
})

test("of a hostile archive nothing is unpacked: paths that lead out are not shown and not asked for", async () => {
  const evil = ["../../etc/passwd", "/etc/passwd", "a/../../b", "a\\b", "a//b", "new\nline", "folder/"]
  const zip = zipSync(Object.fromEntries(["fine.txt", ...evil].map((path) => [path, bytes("x")])))
  const { gitlab, list, open } = await kept(zip)
  expect((await list()).map(({ path }) => path)).toEqual(["fine.txt"])
  const before = gitlab.requests.length
  for (const path of [...evil, "", "..", "%2e%2e/x/.."]) expect(await open(path)).toBeNull()
  expect(gitlab.requests.length).toBe(before)
})

test("a bomb is listed and not unpacked, and opened only as far as is allowed", async () => {
  const zip = zipSync({ "bomb.bin": new Uint8Array(5_000_000) })
  const { list, open } = await kept(zip, { bytes: 1_000_000 })
  expect(await list()).toMatchObject([{ path: "bomb.bin", size: 5_000_000 }])
  expect(await open("bomb.bin")).toBeNull()
})

test("an archive that is too large, holds too much, or is none has no files", async () => {
  const random = crypto.getRandomValues(new Uint8Array(60_000))
  const large = await kept(zipSync({ "a.bin": random }), { bytes: 50_000 })
  expect(await large.list()).toEqual([])
  expect(large.downloads()).toBe(0)
  const many = zipSync(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${index}`, bytes("x")])))
  expect(await (await kept(many, { files: 10 })).list()).toEqual([])
  for (const broken of [bytes("no archive"), many.slice(0, -30), new Uint8Array(1)]) {
    expect(await (await kept(broken)).list()).toEqual([])
  }
})

test("artifacts that are gone are none; a GitLab that is away is said, and asked again the next time", async () => {
  const { gitlab, list } = await kept(zipSync({ "a.txt": bytes("a") }))
  gitlab.trouble({ path: /\/artifacts$/, trouble: { kind: "cut" } })
  await expect(list()).rejects.toThrow("GitLab does not answer")
  expect(await list()).toHaveLength(1)
  const [job] = gitlab.pipelines(gitlab.world.projects.keys().next().value ?? 0)[0]?.jobs ?? []
  if (job !== undefined) job.artifacts = null
  expect(await list()).toEqual([])
})
