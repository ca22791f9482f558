import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ContainerInspectInfo } from "dockerode"
import { newId } from "../../../../lib/ids.ts"
import { engineMissing, testEngine } from "../../../../testing/engine.ts"
import { startRegistry, type TestRegistry } from "../../../../testing/registry.ts"
import { makeTinyImage, moveToRegistry } from "../../../../testing/tiny-image.ts"
import { until } from "../../../../testing/until.ts"
import { type ImageSource, SandboxError } from "../../port.ts"
import { type Engine, findEngine } from "../engine.ts"
import { createImages, type EnsureInput, type Images, type ImagesOptions } from "./create-images.ts"
import { labels } from "../labels.ts"

setDefaultTimeout(30_000)

type DockerfileSource = Extract<ImageSource, { type: "dockerfile" }>

describe.skipIf(engineMissing() !== null)("images", () => {
  let dataDir: string
  let engine: Engine
  let registry: TestRegistry
  const base = `gochat-tiny-${newId().slice(-12)}`
  const made: string[] = [`${base}:1`]
  const projects: string[] = []

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "images-"))
    const { host } = await testEngine()
    const found = await findEngine({ host, dataDir })
    if (found === null) throw new Error("the engine is away")
    engine = found
    registry = await startRegistry()
    await makeTinyImage(engine.docker, base, "1")
  })

  afterAll(async () => {
    const images = createImages(engine, { override: null, standard: base, limits })
    for (const projectId of projects) await images.removeProject(projectId)
    for (const name of made)
      await engine.docker
        .getImage(name)
        .remove({ force: true })
        .catch(() => {})
    await registry.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  const limits = { memory: 128 * 1024 ** 2, cpus: 0.5 }

  const images = (options: Partial<ImagesOptions> = {}): Images =>
    createImages(engine, { override: null, standard: `${registry.host}/standard:1`, limits, againMs: 0, ...options })

  const input = (more: Partial<EnsureInput> = {}): EnsureInput & { words: string[] } => {
    const words: string[] = []
    return {
      projectId: newId(),
      root: dataDir,
      network: { networkMode: "none", env: {} },
      onProgress: (one) => words.push(one),
      signal: new AbortController().signal,
      words,
      ...more,
    }
  }

  /** Name of an image that only the registry has. */
  async function pushed(ballast = 1_000): Promise<string> {
    const repo = `${registry.host}/team/app-${newId().slice(-12)}`
    const gate = registry.gate
    registry.gate = "open"
    await makeTinyImage(engine.docker, repo, "1", ballast)
    await moveToRegistry(engine.docker, repo, "1")
    registry.gate = gate
    made.push(`${repo}:1`)
    return `${repo}:1`
  }

  const byName = (name: string): ImageSource => ({ type: "name", name })
  const ensure = (name: string, more: Partial<EnsureInput> = {}) => images().ensure(byName(name), input(more))

  async function failure(work: Promise<unknown>): Promise<SandboxError> {
    const error: unknown = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    )
    if (!(error instanceof SandboxError)) throw new Error(`not refused in words: ${String(error)}`)
    return error
  }

  describe("by name", () => {
    test("one that is here is not fetched", async () => {
      const { Id } = await engine.docker.getImage(`${base}:1`).inspect()
      const asked = { ...registry.asked }
      const mine = input()
      expect(await images().ensure(byName(`${base}:1`), mine)).toBe(Id)
      expect(mine.words).toEqual([])
      expect(registry.asked).toEqual(asked)
    })

    test("one that is missing is fetched, with progress", async () => {
      const name = await pushed(1_500_000)
      registry.gate = "slow"
      const mine = input()
      const id = await images().ensure(byName(name), mine)
      registry.gate = "open"
      expect(id).toStartWith("sha256:")
      expect(mine.words[0]).toBe(`Fetching the image ${name}…`)
      expect(mine.words.filter((words) => /… \d+ %$/.test(words)).length).toBeGreaterThanOrEqual(2)
      const percents = mine.words.flatMap((words) => /… (\d+) %$/.exec(words)?.[1] ?? []).map(Number)
      expect(percents).toEqual([...percents].sort((a, b) => a - b))
      expect(mine.words.at(-1)).toBe(`Unpacking the image ${name}…`)
    })

    test("the operator's image wins, and the standard image is for those that name none", async () => {
      const { Id } = await engine.docker.getImage(`${base}:1`).inspect()
      const source: ImageSource = { type: "dockerfile", dockerfile: "none", context: ".", target: null, args: {} }
      expect(await images({ override: `${base}:1` }).ensure(source, input())).toBe(Id)
      expect(await images({ standard: `${base}:1` }).ensure(null, input())).toBe(Id)
      const error = await failure(images().ensure(null, input()))
      expect(error.kind).toBe("unavailable")
      expect(error.reason).toBe(
        `There is no public image ${registry.host}/standard:1. Ask the operator to set SANDBOX_IMAGE to one that exists.`,
      )
    })

    test("many who ask at once fetch it once; one who leaves does not end it for the others", async () => {
      const name = await pushed(1_500_000)
      registry.gate = "slow"
      const layers = registry.asked.layers
      const shared = images()
      const leaving = new AbortController()
      const first = shared.ensure(byName(name), input({ signal: leaving.signal }))
      const left = first.catch((error: unknown) => error)
      const others = [input(), input()].map((mine) => shared.ensure(byName(name), mine))
      await until(() => registry.open > 0)
      leaving.abort(new Error("left"))
      expect(String(await left)).toBe("Error: left")
      const [second, third] = await Promise.all(others)
      registry.gate = "open"
      expect(second).toBe(third as string)
      // The image's settings and its one layer.
      expect(registry.asked.layers - layers).toBe(2)
    })

    test("ends when nobody waits any more", async () => {
      const name = await pushed(1_500_000)
      registry.gate = "half"
      const leaving = new AbortController()
      const left = ensure(name, { signal: leaving.signal }).catch((error: unknown) => error)
      await until(() => registry.open > 0)
      leaving.abort(new Error("left"))
      expect(String(await left)).toBe("Error: left")
      registry.gate = "open"
      expect(await ensure(name)).toStartWith("sha256:")
    })

    test("a registry that stops answering is given up, before it began and halfway", async () => {
      for (const gate of ["silent", "half"] as const) {
        const name = await pushed(1_500_000)
        registry.gate = gate
        // Half of it takes half a second.
        const error = await failure(images({ stallMs: gate === "half" ? 1_000 : 300 }).ensure(byName(name), input()))
        registry.gate = "open"
        expect(error.kind).toBe("unavailable")
        expect(error.reason).toBe(
          `The image ${name} could not be fetched: the registry stopped answering. Try again, or ask the operator to set SANDBOX_IMAGE.`,
        )
      }
    })

    test("takes no longer than its time", async () => {
      const name = await pushed(1_500_000)
      registry.gate = "slow"
      const error = await failure(images({ pullMs: 400 }).ensure(byName(name), input()))
      registry.gate = "open"
      expect(error.reason).toContain("it took too long")
      expect(error.kind).toBe("unavailable")
    })

    test("what is unknown, and a registry that is down, is told with a next step", async () => {
      const unknown = await failure(ensure(`${registry.host}/nobody/knows:9`))
      expect([unknown.kind, unknown.reason]).toEqual([
        "failed",
        `There is no public image ${registry.host}/nobody/knows:9. Check its name and version; a private image has to be put on the server by the operator.`,
      ])
      const down = await failure(images({ standard: "127.0.0.1:9/a" }).ensure(byName("127.0.0.1:9/b"), input()))
      expect([down.kind, down.reason]).toEqual([
        "unavailable",
        "The image 127.0.0.1:9/b could not be fetched: the registry did not answer. Try again, or ask the operator to set SANDBOX_IMAGE.",
      ])
    })

    test("after a failure there is a pause before the next try", async () => {
      const patient = images({ againMs: 700 })
      const name = byName(`${registry.host}/nobody/again:1`)
      await failure(patient.ensure(name, input()))
      const before = performance.now()
      await failure(patient.ensure(name, input()))
      expect(performance.now() - before).toBeGreaterThan(600)
    })

    test("an engine that is away", async () => {
      const away: Engine = {
        ...engine,
        call: () => Promise.reject(new Error("connect ENOENT")),
      }
      const error = await failure(createImages(away, { override: null, standard: base, limits }).ensure(null, input()))
      expect(error.kind).toBe("unavailable")
      expect(error.reason).toContain("what runs the containers does not answer. Ask the operator to start it")
    })

    test("names that are none, ids, and images of other projects are refused", async () => {
      const { Id } = await engine.docker.getImage(`${base}:1`).inspect()
      const bad = [
        "",
        "a b",
        "UPPER",
        "../x",
        "a;id",
        "$(id)",
        "-x",
        "a:b:c",
        "a@sha256:1",
        "a\n",
        Id,
        Id.slice(7),
        "x".repeat(600),
      ]
      for (const name of bad) {
        const error = await failure(ensure(name))
        expect([name, error.kind, error.reason]).toEqual([
          name,
          "failed",
          `${JSON.stringify(name.slice(0, 100))} is not the name of an image. Name one like python:3.13.`,
        ])
      }
      const first = images({ standard: "127.0.0.1:9/a" })
      // Twelve digits are a name, too, but not of the image whose id begins so.
      const short = await failure(first.ensure(byName(`127.0.0.1:9/${Id.slice(7, 19)}`), input()))
      expect(short.kind).toBe("unavailable")
      const own = await failure(first.ensure(byName("localhost:9/a"), input()))
      expect(own.reason).toContain("would come from the server itself")
    })

    test("warming up fetches in the background", async () => {
      const name = await pushed()
      images().warmUp([name, name, "no such name"])
      await until(() =>
        engine.docker
          .getImage(name)
          .inspect()
          .then(
            () => true,
            () => false,
          ),
      )
    })
  })

  describe("from a Dockerfile", () => {
    /** A project with these files, and its image source. */
    async function project(files: Record<string, string>, source: Partial<DockerfileSource> = {}) {
      const projectId = newId()
      projects.push(projectId)
      const root = join(dataDir, projectId)
      for (const [path, text] of Object.entries(files)) await Bun.write(join(root, path), text)
      const image: DockerfileSource = {
        type: "dockerfile",
        dockerfile: "Dockerfile",
        context: ".",
        target: null,
        args: {},
        ...source,
      }
      return { projectId, root, image }
    }

    /** What a command says in a container of the image. */
    async function run(image: string, ...command: string[]): Promise<string> {
      const container = await engine.docker.createContainer({
        Image: image,
        Cmd: command,
        Tty: true,
        HostConfig: { NetworkMode: "none" },
      })
      try {
        await container.start()
        await container.wait()
        return String(await container.logs({ stdout: true, stderr: true })).trim()
      } finally {
        await container.remove({ force: true })
      }
    }

    const steps = async (projectId: string) =>
      engine.docker.listContainers({
        all: true,
        filters: JSON.stringify({ label: [`${labels.project}=${projectId}`] }),
      })

    const inspect = (id: string) =>
      engine.docker
        .getContainer(id)
        .inspect()
        .catch(() => null)

    test("is built with its files and arguments, once, and again when they change", async () => {
      const { projectId, root, image } = await project(
        {
          ".devcontainer/Dockerfile": `ARG VERSION=0\nFROM ${base}:$VERSION AS made\nARG WORD\nCOPY app /app\nRUN echo "$WORD" > /word\n`,
          "app/a.txt": "first",
          "app/secret.env": "hidden",
          ".dockerignore": "**/*.env\n",
        },
        { dockerfile: ".devcontainer/Dockerfile", args: { VERSION: "1", WORD: "it's $HOME" } },
      )
      const mine = input({ projectId, root })
      const all = images()
      const id = await all.ensure(image, mine)
      expect(mine.words[0]).toBe("Building the image of this app…")
      expect(mine.words.some((words) => words.startsWith("Building the image of this app: RUN echo"))).toBe(true)
      expect(await run(id, "/bin/sh", "-c", "cat /app/a.txt /word; ls -A /app / | cat")).toMatch(
        /^first\s*it's \$HOME\s+\/:\s+(?![^]*gochat)[^]*\/app:\s+a\.txt$/,
      )
      const again = input({ projectId, root })
      expect(await all.ensure(image, again)).toBe(id)
      expect(again.words).toEqual([])
      await Bun.write(join(root, "app/a.txt"), "second")
      const changed = await all.ensure(image, input({ projectId, root }))
      expect(changed).not.toBe(id)
      expect(await run(changed, "/bin/cat", "/app/a.txt")).toBe("second")
    })

    test("one that takes no files stays when they change", async () => {
      const { projectId, root, image } = await project({ Dockerfile: `FROM ${base}:1\nRUN echo 1\n`, "app.ts": "1" })
      const id = await images().ensure(image, input({ projectId, root }))
      await Bun.write(join(root, "app.ts"), "2")
      const again = input({ projectId, root })
      expect(await images().ensure(image, again)).toBe(id)
      expect(again.words).toEqual([])
    })

    test("its steps have limits, and nothing is left when it takes too long", async () => {
      const { projectId, root, image } = await project({ Dockerfile: `FROM ${base}:1\nRUN sleep 600\n` })
      const building = failure(images({ buildMs: 4_000 }).ensure(image, input({ projectId, root })))
      let step: ContainerInspectInfo | null = null
      await until(async () => {
        const listed = (await steps(projectId)).find(({ Command }) => Command.includes("sleep 600"))
        if (listed !== undefined) step = await inspect(listed.Id)
        return step !== null
      })
      const { HostConfig } = step as unknown as ContainerInspectInfo
      expect(HostConfig).toMatchObject({
        Memory: limits.memory,
        MemorySwap: limits.memory,
        CpuQuota: 50_000,
        CpuPeriod: 100_000,
        NetworkMode: "none",
      })
      expect(HostConfig.Privileged).toBe(false)
      const error = await building
      expect([error.kind, error.reason]).toEqual([
        "timeout",
        "The image of this app could not be built from Dockerfile: it took longer than 4 s. Let it do less, or choose an image that has more.",
      ])
      await until(async () => (await steps(projectId)).length === 0)
    })

    test("ends when nobody waits any more", async () => {
      const { projectId, root, image } = await project({ Dockerfile: `FROM ${base}:1\nRUN sleep 600\n` })
      const leaving = new AbortController()
      const left = images()
        .ensure(image, input({ projectId, root, signal: leaving.signal }))
        .catch((error: unknown) => error)
      await until(async () => (await steps(projectId)).some(({ Command }) => Command.includes("sleep 600")))
      leaving.abort(new Error("left"))
      expect(String(await left)).toBe("Error: left")
      await until(async () => (await steps(projectId)).length === 0)
    })

    test("a failing step gives the reason and the end of the log", async () => {
      const { projectId, root, image } = await project({
        Dockerfile: `FROM ${base}:1\nRUN echo fine, nothing missing\nRUN echo start && echo "ERROR: no such package: flaskk" && exit 3\n`,
      })
      const error = await failure(images().ensure(image, input({ projectId, root })))
      expect(error.kind).toBe("failed")
      expect(error.reason).toBe("The image of this app could not be built from Dockerfile: no such package: flaskk")
      expect(error.log).toContain("fine, nothing missing")
      expect(error.log).toContain("returned a non-zero code: 3")
    })

    test("what the builder refuses names the line of the file", async () => {
      const { projectId, root, image } = await project({ Dockerfile: `FROM ${base}:1 AS a\n\nFROM a\n\nNONSENSE x\n` })
      const error = await failure(images().ensure(image, input({ projectId, root })))
      expect(error.reason).toContain("line 5")
      expect(error.reason).toContain("NONSENSE")
    })

    test("links that lead out of the project are not followed", async () => {
      const outside = join(dataDir, `outside-${newId()}`)
      await Bun.write(join(outside, "secret"), "the server's own")
      const { projectId, root, image } = await project({ Dockerfile: `FROM ${base}:1\nCOPY . /app\n`, "a/ok": "1" })
      await symlink(join(outside, "secret"), join(root, "a/link"))
      await symlink(outside, join(root, "folder"))
      const id = await images().ensure(image, input({ projectId, root }))
      expect(await run(id, "/bin/sh", "-c", "ls /app/a; cat /app/a/link /app/folder/secret")).not.toContain("own")
      const out = (source: { dockerfile?: string; context?: string }) =>
        failure(images().ensure({ ...image, ...source }, input({ projectId, root })))
      expect((await out({ dockerfile: "folder/secret" })).reason).toContain("folder is a link; links are not followed")
      expect((await out({ dockerfile: "../x/Dockerfile" })).reason).toContain("lies outside the project")
      expect((await out({ dockerfile: "/etc/passwd" })).reason).toContain("lies outside the project")
      expect((await out({ context: "a/../.." })).reason).toContain("lies outside the project")
      await mkdir(join(root, "here"))
      expect((await out({ dockerfile: "here" })).reason).toContain("here is a folder")
    })

    test("another project's image, an id and what the engine would fetch itself are refused", async () => {
      const first = await project({ Dockerfile: `FROM ${base}:1\nRUN echo private > /private\n` })
      const all = images({ againMs: 0 })
      const id = await all.ensure(first.image, input(first))
      const { RepoTags } = await engine.docker.getImage(id).inspect()
      expect((await failure(all.ensure(byName(RepoTags[0] ?? ""), input()))).reason).toContain(
        "is not the name of an image",
      )
      const digits = id.slice(7, 27)
      const refused: [string, string][] = [
        [`FROM ${RepoTags[0]}`, "is not the name of an image"],
        [`FROM ${id}`, "is not the name of an image"],
        [`ARG A=${digits}\nFROM \${A}`, `image ${digits}`],
        [`FROM ${base}:1 AS b\nCOPY --from=${digits} /private /x`, `image ${digits}`],
        [`FROM ${base}:1 AS a${digits}\nCOPY --from=a${digits} /private /x`, `image a${digits}`],
        [`FROM ${base}:1\nCOPY --fr"om"=${digits} /private /x`, "line 2: write its options without quotes"],
        [`FROM ${base}:1\nADD http://127.0.0.1:9/x /x`, "line 2: ADD takes files of the project"],
        [`FROM ${base}:1\nARG U\nADD $U /x`, "line 3: ADD takes files of the project"],
        [`FROM ${base}:1\nRUN --mount=type=bind,from=${digits} ls`, "line 2: RUN takes no options"],
        [`# escape=\`\nFROM ${base}:1`, "line 1: `# escape` is not used here"],
        ["RUN ls", "it has no FROM"],
      ]
      for (const [text, words] of refused) {
        const { projectId, root, image } = await project({ Dockerfile: text })
        const error = await failure(all.ensure(image, input({ projectId, root })))
        expect([text, error.reason]).toEqual([text, expect.stringContaining(words)])
      }
    }, 60_000)

    test("too much is refused", async () => {
      const { projectId, root, image } = await project({ Dockerfile: `FROM ${base}:1\nCOPY . /app\n` })
      await Bun.write(join(root, "large"), "")
      await Bun.spawn(["truncate", "-s", "101M", join(root, "large")]).exited
      const error = await failure(images().ensure(image, input({ projectId, root })))
      expect(error.reason).toBe(
        "The files for the image are more than 100 MB. List what it does not need in .dockerignore.",
      )
    })

    test("goes with its project, and with a sweep when the project is gone", async () => {
      const all = images()
      const [kept, gone] = await Promise.all(
        [1, 2].map(async (number) => {
          const one = await project({ Dockerfile: `FROM ${base}:1\nRUN echo ${number} > /number\n` })
          return { ...one, id: await all.ensure(one.image, input(one)) }
        }),
      )
      const has = (id = "") =>
        engine.docker
          .getImage(id)
          .inspect()
          .then(
            () => true,
            () => false,
          )
      const failing = await project({ Dockerfile: `FROM ${base}:1\nRUN echo rest > /rest\nRUN exit 1\n` })
      await failure(all.ensure(failing.image, input(failing)))
      const mine = async (filters: object) =>
        engine.docker.listImages({
          filters: JSON.stringify({ label: [`${labels.server}=${engine.serverId}`], ...filters }),
        })
      expect(await mine({ dangling: ["true"] })).not.toEqual([])
      await all.sweep(async (ids) => new Set(ids.filter((one) => one !== gone?.projectId)))
      expect([await has(kept?.id), await has(gone?.id)]).toEqual([true, false])
      expect(await mine({ dangling: ["true"] })).toEqual([])
      await all.removeProject(kept?.projectId ?? "")
      expect(await has(kept?.id)).toBe(false)
    })
  })
})
