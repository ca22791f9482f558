import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { newId } from "../../../../lib/ids.ts"
import { engineMissing, testEngine } from "../../../../testing/engine.ts"
import { type Login, startRegistry, type TestRegistry } from "../../../../testing/registry.ts"
import { pushAs } from "../../../../testing/registry-push.ts"
import { makeTinyImage } from "../../../../testing/tiny-image.ts"
import { SandboxError } from "../../port.ts"
import { type Engine, findEngine } from "../engine.ts"
import { labelFilter, labels } from "../labels.ts"
import { createImages } from "./create-images.ts"

setDefaultTimeout(30_000)

describe.skipIf(engineMissing() !== null)("images that checks pushed", () => {
  let dataDir: string
  let engine: Engine
  let registry: TestRegistry
  const token = { username: "oauth2", password: "glpat-0123456789" }
  const jobs: Login = { user: "gitlab-ci-token", password: "glcbt-0123456789" }
  const tiny = `gochat-tiny-${newId().slice(-12)}`

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "pushed-"))
    const { host } = await testEngine()
    const found = await findEngine({ host, dataDir })
    if (found === null) throw new Error("the engine is away")
    engine = found
    registry = await startRegistry([jobs, { user: token.username, password: token.password }])
    await makeTinyImage(engine.docker, tiny, "1")
  })
  afterAll(async () => {
    await images().sweep(async () => new Set())
    expect(await mine()).toEqual([])
    await engine.docker.getImage(`${tiny}:1`).remove({ force: true })
    await registry.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  const images = (login: typeof token | null = token) =>
    createImages(engine, { override: null, standard: "none", limits: { memory: 128 * 1024 ** 2, cpus: 0.5 }, login })
  const mine = () => engine.docker.listImages({ filters: JSON.stringify(labelFilter(engine.serverId)) })
  const waiter = () => ({ onProgress: () => {}, signal: new AbortController().signal })
  async function pushed(at = registry): Promise<string> {
    const name = `${at.host}/apps/shop-${newId().slice(-12)}:${"a".repeat(40)}`
    await pushAs(engine.docker, `${tiny}:1`, name, jobs)
    return name
  }
  const words = (work: Promise<unknown>) =>
    work.then(
      () => "",
      (error: unknown) => (error instanceof SandboxError ? error.reason : String(error)),
    )

  test("one is fetched with the token, once for all who ask, and is the project's alone", async () => {
    const [image, projectId, other] = [await pushed(), newId(), newId()]
    const from = registry.users.length
    const all = images()
    const [id = "", again] = await Promise.all([1, 2].map(() => all.pushed.ensure(projectId, image, waiter())))
    expect(again).toBe(id)
    expect(await all.pushed.ensure(projectId, image, waiter())).toBe(id)
    // The engine asks without a name first, where it may.
    expect(new Set(registry.users.slice(from).filter((user) => user !== null))).toEqual(new Set(["oauth2"]))
    const { Config, RepoTags } = await engine.docker.getImage(id).inspect()
    expect(Config.Labels).toMatchObject({ [labels.project]: projectId, [labels.pushed]: image, [labels.kind]: "image" })
    expect(RepoTags).toHaveLength(1)
    expect(RepoTags).not.toContain(image)

    // Neither by the name it has here, nor by its own: that is asked for without a login.
    const input = { ...waiter(), projectId: other, root: dataDir, network: { networkMode: "none", env: {} } }
    const named = (name: string) => words(all.ensure({ type: "name", name }, input))
    expect(await named(RepoTags[0] ?? "")).toContain("is not the name of an image")
    expect(await named(image)).toContain("would come from the server itself")
    expect(await words(createImagesOf(image).ensure(null, input))).toContain("There is no public image")
  })

  /** As an operator names one: it may come from anywhere, but no login goes along. */
  const createImagesOf = (standard: string) =>
    createImages(engine, { override: null, standard, limits: { memory: 1e8, cpus: 1 }, login: token, againMs: 0 })

  test("a token that may not read it is told; what everybody may read needs none", async () => {
    const wrong = { ...token, password: "glpat-wrong" }
    const image = await pushed()
    const refused = `The image ${image} could not be fetched: it is not there, or may not be read with GITLAB_TOKEN.`
    expect(await words(images(wrong).pushed.ensure(newId(), image, waiter()))).toBe(refused)
    expect(await words(images(null).pushed.ensure(newId(), image, waiter()))).toBe(refused)
    const open = await startRegistry()
    try {
      const free = await pushed(open)
      expect(await images(wrong).pushed.ensure(newId(), free, waiter())).toStartWith("sha256:")
    } finally {
      await open.close()
    }
    const gone = `127.0.0.1:9/apps/shop:${"b".repeat(40)}`
    expect(await words(images().pushed.ensure(newId(), gone, waiter()))).toBe(
      `The image ${gone} could not be fetched: the registry did not answer.`,
    )
  })

  test("only those that are needed stay, and what others fetched stays, too", async () => {
    const [projectId, other] = [newId(), newId()]
    const [first, second] = [await pushed(), await pushed()]
    const { pushed: all } = images()
    for (const image of [first, second]) await all.ensure(projectId, image, waiter())
    await all.ensure(other, first, waiter())
    const namesOf = async (id: string) =>
      (await mine()).filter(({ Labels }) => Labels[labels.project] === id).map(({ Labels }) => Labels[labels.pushed])
    await all.keep(projectId, [second])
    expect(await namesOf(projectId)).toEqual([second])
    expect(await namesOf(other)).toEqual([first])
    await images().removeProject(projectId)
    expect(await namesOf(projectId)).toEqual([])
    expect(await namesOf(other)).toEqual([first])
  })
})
