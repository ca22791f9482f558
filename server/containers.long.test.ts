import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { createServer, connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { serverIdOf } from "./ports/sandbox/docker/labels.ts"
import { bridgePrefix } from "./ports/sandbox/docker/network/names.ts"
import { type ContainerChat, startContainerChat } from "./testing/container-chat.ts"
import { engineMissing, testEngine } from "./testing/engine.ts"
import { type FaultEngine, faultEngine, faultEngineMissing } from "./testing/fault-engine.ts"
import { until } from "./testing/until.ts"

/** The same things again and again, many at once, and faults at moments that nobody chose. */
const serve = (word: string) =>
  `Bun.serve({ hostname: process.env.HOST, port: process.env.PORT, fetch: () => new Response("${word}") })`
const nothing = { containers: 0, volumes: 0, networks: 0 }

const memoryOf = (pid: number) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024
const descriptorsOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length
const rulesOf = (chat: ContainerChat) =>
  process.getuid?.() === 0
    ? Bun.spawnSync(["iptables", "-w", "-S"])
        .stdout.toString()
        .split("\n")
        .filter((line) => line.includes(bridgePrefix(serverIdOf(chat.server.dataDir)))).length
    : 1

const word = async (chat: ContainerChat, url: string | null) => (await chat.open(url)).text()
const asleep = async (chat: ContainerChat, projectId: string, kind: "draft" | "live" = "draft") =>
  expect(await chat.client.sandbox.stop.mutate({ projectId, kind })).toMatchObject({ state: "asleep" })
const newestBuild = async (chat: ContainerChat, projectId: string) =>
  (await chat.client.build.list.query({ projectId })).builds[0]
const checked = (chat: ContainerChat, projectId: string, ms = 60_000) =>
  until(async () => ["success", "failed"].includes((await newestBuild(chat, projectId))?.status ?? ""), ms)

/** The same numbers each time. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

describe.skipIf(engineMissing() !== null)("many times, and many at once", () => {
  let chat: ContainerChat
  beforeAll(async () => {
    chat = await startContainerChat(await testEngine(), { SANDBOX_EGRESS: "none", CONTAINER_MEMORY_LIMIT: "256m" })
  }, 120_000)
  afterAll(async () => {
    await chat?.close()
    // A server that ended, also one that was killed ten times, leaves no rule on the machine.
    if (chat !== undefined && process.getuid?.() === 0) expect(rulesOf(chat)).toBe(0)
  }, 60_000)

  test("60 rounds of sleep and wake leave nothing behind", async () => {
    const ids = await Promise.all(["one", "two", "three"].map((name) => chat.project({ "server.js": serve(name) })))
    const urls = await Promise.all(ids.map(async (id) => (await chat.start(id)).url))
    await Promise.all(ids.map((id) => checked(chat, id)))
    const round = async () => {
      await Promise.all(urls.map(async (url, at) => expect(await word(chat, url)).toBe(["one", "two", "three"][at]!)))
      await Promise.all(ids.map((id) => asleep(chat, id)))
      await until(async () => (await chat.left()).containers === 0)
    }
    // What a first time needs is no leak.
    for (let n = 0; n < 5; n++) await round()
    const look = async () => ({ ...(await chat.left()), rules: rulesOf(chat) })
    const { pid } = chat.server
    const [before, memory, descriptors] = [await look(), memoryOf(pid), descriptorsOf(pid)]
    for (let n = 0; n < 15; n++) await round()
    expect(await look()).toEqual(before)
    expect(before.networks).toBe(0)
    expect(before.rules).toBeGreaterThan(0)
    expect(descriptorsOf(pid)).toBeLessThanOrEqual(descriptors + 8)
    expect(memoryOf(pid) - memory).toBeLessThan(60)
    process.stdout.write(`${descriptors} → ${descriptorsOf(pid)} descriptors, ${memory} → ${memoryOf(pid)} MB\n`)
    for (const projectId of ids) await chat.client.project.remove.mutate({ projectId })
    await until(async () => Bun.deepEquals(await chat.left(), nothing))
    expect(rulesOf(chat)).toBe(before.rules)
  }, 240_000)

  test("12 projects start at once", async () => {
    const names = Array.from({ length: 12 }, (_, at) => `app-${at}`)
    const ids = await Promise.all(names.map((name) => chat.project({ "server.js": serve(name) })))
    const began = performance.now()
    const states = await Promise.all(ids.map((id) => chat.start(id, "draft", 60_000)))
    process.stdout.write(`12 at once in ${Math.round(performance.now() - began)} ms\n`)
    expect(states.map(({ state, reason }) => ({ state, reason }))).toEqual(
      names.map(() => ({ state: "ready", reason: null })),
    )
    expect(await Promise.all(states.map(({ url }) => word(chat, url)))).toEqual(names)
    await Promise.all(ids.map((projectId) => chat.client.project.remove.mutate({ projectId })))
    await until(async () => Bun.deepEquals(await chat.left(), nothing), 30_000)
  }, 180_000)

  test("20 times there and back between versions, without a failed request", async () => {
    const projectId = await chat.project({ "server.js": serve("first") })
    await checked(chat, projectId)
    await chat.write(projectId, { "server.js": serve("second") })
    await checked(chat, projectId)
    const { versions } = await chat.client.version.list.query({ projectId })
    const shas = { second: versions[0]?.sha ?? "", first: versions[1]?.sha ?? "" }
    const { url } = await chat.start(projectId, "live")
    const answers = new Map<string, number>()
    const asking = new AbortController()
    const visitors = Array.from({ length: 4 }, async () => {
      while (!asking.signal.aborted) {
        const said = await chat.open(url).then(
          async (answer) => `${answer.status} ${(await answer.text()).slice(0, 60)}`,
          (error: unknown) => String(error),
        )
        answers.set(said, (answers.get(said) ?? 0) + 1)
        await Bun.sleep(5)
      }
    })
    for (let n = 0; n < 20; n++) {
      const which = n % 2 === 0 ? "first" : "second"
      await chat.client.version.publish.mutate({ projectId, sha: shas[which] })
      await until(async () => (await word(chat, url)) === which, 30_000)
    }
    asking.abort()
    await Promise.all(visitors)
    process.stdout.write(`${JSON.stringify([...answers])}\n`)
    expect([...answers.keys()].sort()).toEqual(["200 first", "200 second"])
    // The old one ends a moment after the switch.
    await asleep(chat, projectId)
    await until(async () => (await chat.left(projectId)).containers === 1)
    await chat.client.project.remove.mutate({ projectId })
    await until(async () => Bun.deepEquals(await chat.left(), nothing), 30_000)
  }, 240_000)

  test("kill -9 of the server at any moment, ten times: nothing is orphaned, nothing is lost", async () => {
    const random = seeded(3)
    const projectId = await chat.project({ "server.js": serve("0") })
    await checked(chat, projectId)
    for (let n = 1; n <= 10; n++) {
      await chat.write(projectId, {
        "server.js": serve(String(n)),
        ".devcontainer/devcontainer.json": JSON.stringify({
          postCreateCommand: `echo ${n}; sleep 0.4`,
          customizations: { gochat: { dev: "bun server.js", start: "bun server.js" } },
        }),
        ".gitlab-ci.yml": `check:\n  script:\n    - echo ${n}; sleep 0.6\nnext:\n  script:\n    - test -f server.js\n`,
      })
      const starting = chat.client.sandbox.start.mutate({ projectId, kind: "draft" }).catch(() => null)
      await Bun.sleep(random() * 2_500)
      await chat.server.end("SIGKILL")
      await starting
      await chat.server.restart()
      // Its checks go on by themselves, in containers that are known.
      const { url, state, reason } = await chat.start(projectId)
      expect({ n, state, reason }).toEqual({ n, state: "ready", reason: null })
      expect(await word(chat, url)).toBe(String(n))
      await checked(chat, projectId)
      let build = await newestBuild(chat, projectId)
      if (build?.status === "failed") {
        process.stdout.write(`round ${n}: ${build.error}\n`)
        expect(build.error).toMatch(/\w+ \w+/)
        await chat.client.build.retry.mutate({ projectId, buildId: build.id })
        await until(async () => (await newestBuild(chat, projectId))?.status === "success", 60_000)
        build = await newestBuild(chat, projectId)
      }
      expect(build?.status).toBe("success")
      await asleep(chat, projectId)
      await until(async () => {
        const { containers, networks } = await chat.left()
        return containers + networks === 0
      })
    }
    await chat.client.project.remove.mutate({ projectId })
    await until(async () => Bun.deepEquals(await chat.left(), nothing), 30_000)
  }, 300_000)
})

/** Stands before an engine's socket and holds its answers back, by a time or until told otherwise. */
function slowEngine(host: string) {
  const path = join(tmpdir(), `gochat-slow-${crypto.randomUUID().slice(0, 8)}.sock`)
  let delayMs = 0
  let opened = Promise.withResolvers<void>()
  opened.resolve()
  const sockets = new Set<Socket>()
  let held = /^/
  const server = createServer((near) => {
    const far = connect(host.slice("unix://".length))
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(socket)
          near.destroy()
          far.destroy()
        })
    }
    near.pipe(far)
    let asked = ""
    near.on("data", (chunk: Buffer) => (asked = chunk.toString("latin1", 0, 200)))
    let last = Promise.resolve()
    far.on("data", (chunk) => {
      last = last.then(async () => {
        if (held.test(asked)) await opened.promise
        if (delayMs > 0) await Bun.sleep(delayMs)
        near.write(chunk)
      })
    })
    far.on("end", () => void last.then(() => near.end()))
  })
  return {
    host: `unix://${path}`,
    listen: () => new Promise<void>((resolve) => server.listen(path, resolve)),
    delay: (ms: number) => (delayMs = ms),
    /** Holds back the answers to these requests. */
    stall: (which = /^/) => {
      held = which
      opened = Promise.withResolvers<void>()
    },
    flow: () => opened.resolve(),
    close: () => {
      opened.resolve()
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

describe.skipIf(engineMissing() !== null)("a slow engine", () => {
  let chat: ContainerChat
  let slow: ReturnType<typeof slowEngine>
  beforeAll(async () => {
    const engine = await testEngine()
    slow = slowEngine(engine.host)
    await slow.listen()
    chat = await startContainerChat(engine, { SANDBOX_EGRESS: "none" }, slow.host)
  }, 120_000)
  afterAll(async () => {
    slow?.flow()
    await chat?.close()
    slow?.close()
  }, 90_000)

  const health = async () => ((await (await fetch(`${chat.server.url}/health`)).json()) as { status: string }).status

  test("is waited for; a silent one is told in words, holds nobody else up, and all goes on when it answers", async () => {
    const projectId = await chat.project({ "server.js": serve("slow") })
    await checked(chat, projectId)
    slow.delay(300)
    const { url, state } = await chat.start(projectId)
    expect(state).toBe("ready")
    expect(await word(chat, url)).toBe("slow")
    slow.delay(0)
    const other = await chat.project({ "server.js": serve("other") })
    await checked(chat, other)
    await asleep(chat, other)

    slow.stall()
    const began = performance.now()
    await until(async () => (await health()) === "degraded", 8_000)
    expect(performance.now() - began).toBeLessThan(5_000)
    expect((await fetch(`${chat.server.url}/health/ready`)).status).toBe(200)
    // What runs goes on, and the rest of the server does not wait.
    const slowest = async (ask: () => Promise<unknown>) => {
      const asked = performance.now()
      await ask()
      return performance.now() - asked
    }
    const held = chat.client.sandbox.start.mutate({ projectId: other, kind: "draft" })
    const times = await Promise.all([
      slowest(async () => expect(await word(chat, url)).toBe("slow")),
      slowest(() => chat.client.project.list.query({})),
      slowest(() => chat.client.file.tree.query({ projectId: other })),
      slowest(() => fetch(`${chat.server.url}/health/ready`)),
      slowest(() => held),
    ])
    expect(Math.max(...times)).toBeLessThan(2_500)
    expect(await held).toMatchObject({ state: "starting" })
    const since = performance.now()
    await until(
      async () => (await chat.client.sandbox.get.query({ projectId: other, kind: "draft" })).state === "failed",
      20_000,
    )
    process.stdout.write(`said after ${Math.round(performance.now() - since)} ms\n`)
    expect(await chat.client.sandbox.get.query({ projectId: other, kind: "draft" })).toMatchObject({
      cause: "engine",
      reason: expect.stringContaining("does not answer"),
    })

    slow.flow()
    await until(async () => (await health()) === "healthy")
    const back = await chat.start(other)
    expect(back).toMatchObject({ state: "ready", reason: null, cause: null })
    expect(await word(chat, back.url)).toBe("other")
    for (const id of [projectId, other]) await chat.client.project.remove.mutate({ projectId: id })
    await until(async () => Bun.deepEquals(await chat.left(), nothing), 30_000)
  }, 180_000)

  test("that makes a container and never says so has it taken away", async () => {
    const projectId = await chat.project({ "server.js": serve("late") })
    await checked(chat, projectId)
    await asleep(chat, projectId)
    await until(async () => (await chat.left()).containers === 0)
    slow.stall(/^POST \S*\/containers\/create/)
    const failed = await chat.start(projectId, "draft", 90_000)
    expect(failed).toMatchObject({ state: "failed", cause: "engine" })
    expect((await chat.left()).containers).toBe(1)
    slow.flow()
    expect(await chat.start(projectId)).toMatchObject({ state: "ready" })
    await until(async () => (await chat.left()).containers === 1)
    await chat.client.project.remove.mutate({ projectId })
    await until(async () => Bun.deepEquals(await chat.left(), nothing), 30_000)
  }, 150_000)
})

describe.skipIf(faultEngineMissing() !== null)("an engine that is killed", () => {
  let engine: FaultEngine
  let chat: ContainerChat
  beforeAll(async () => {
    engine = await faultEngine()
    chat = await startContainerChat(engine, { SANDBOX_EGRESS: "none" })
  }, 180_000)
  afterAll(async () => {
    await chat?.close()
    await engine?.stop()
  }, 90_000)

  const works = async (projectId: string) => {
    let state = await chat.start(projectId)
    await until(async () => (state = await chat.start(projectId)).state === "ready", 30_000)
    expect(await word(chat, state.url)).toBe("up")
  }
  const green = async (projectId: string) => {
    const build = await newestBuild(chat, projectId)
    if (build?.status === "failed") await chat.client.build.retry.mutate({ projectId, buildId: build.id })
    await until(async () => (await newestBuild(chat, projectId))?.status === "success", 60_000)
  }

  test("while checks run: they fail in words, and are green when they are run again", async () => {
    const checks =
      "check:\n  script:\n    - if [ -e /cache/again ]; then exit 0; fi; touch /cache/again; echo on; sleep 30\n"
    const projectId = await chat.project({ "server.js": serve("up"), ".gitlab-ci.yml": checks })
    const logged = async () => {
      const build = await newestBuild(chat, projectId)
      const [job] = build?.jobs ?? []
      if (build === undefined || job === undefined) return ""
      return (await chat.client.build.log.query({ projectId, buildId: build.id, jobId: job.id })).text
    }
    await until(async () => /^on$/m.test(await logged()), 30_000)
    await engine.kill()
    await checked(chat, projectId)
    expect(await newestBuild(chat, projectId)).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/stopped|does not answer/),
    })
    await engine.restart()
    await green(projectId)
    await works(projectId)
  }, 120_000)

  test("while an app starts: it fails in words, and starts when the engine is back", async () => {
    const projectId = await chat.project({
      "server.js": serve("up"),
      ".devcontainer/devcontainer.json": JSON.stringify({
        postCreateCommand: "if [ -e /cache/again ]; then exit 0; fi; touch /cache/again; sleep 30",
        customizations: { gochat: { dev: "bun server.js", start: "bun server.js" } },
      }),
    })
    await checked(chat, projectId)
    const get = () => chat.client.sandbox.get.query({ projectId, kind: "draft" })
    await chat.client.sandbox.start.mutate({ projectId, kind: "draft" })
    await until(async () => /Installing/.test((await get()).reason ?? ""))
    await engine.kill()
    await until(async () => (await get()).state === "failed", 30_000)
    expect(await get()).toMatchObject({ cause: "engine", reason: expect.stringMatching(/stopped|does not answer/) })
    await engine.restart()
    await works(projectId)
  }, 120_000)

  test("while a command runs: the AI is told, and its next command works", async () => {
    const projectId = await chat.project({ "server.js": serve("up") })
    await works(projectId)
    const running = chat.run(projectId, "touch /data/on; sleep 60")
    const onDisk = join(chat.server.dataDir, "data", projectId, "draft", "on")
    await until(() => Bun.file(onDisk).exists(), 30_000)
    await engine.kill()
    const told = await running
    expect(told).toMatchObject({ failed: true, text: expect.stringMatching(/stopped|does not answer/) })
    await engine.restart()
    let text = ""
    await until(async () => (text = (await chat.run(projectId, "echo through")).text).includes("through"), 30_000)
    expect(text).toBe("Exit code 0.\nthrough\n")
    await works(projectId)
    await chat.client.project.remove.mutate({ projectId })
    await until(async () => Bun.deepEquals(await chat.left(projectId), nothing), 30_000)
  }, 120_000)
})
