import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import type { ContainerInspectInfo } from "dockerode"
import { serverIdOf } from "./ports/sandbox/docker/labels.ts"
import { type ContainerChat, startContainerChat } from "./testing/container-chat.ts"
import { engineMissing, testEngine } from "./testing/engine.ts"
import { until } from "./testing/until.ts"

/** Apps that mean harm, each bounded and ending by itself: they hurt themselves, are told why, and can be mended. */
const mb = 1024 * 1024
const limits = { memory: 256 * mb, pids: 100 }
/** The longest that anybody else waits for an answer. */
const patienceMs = 2_000

const serve = (body: string, before = "") =>
  `${before}\nBun.serve({ hostname: process.env.HOST, port: process.env.PORT, async fetch(request) { const { pathname: path } = new URL(request.url); ${body}; return new Response("alive") } })`

describe.skipIf(engineMissing() !== null)("a hostile app", () => {
  let chat: ContainerChat
  const seen = new Map<string, ContainerInspectInfo>()
  const asking = new AbortController()
  const quiet = { slowest: 0, count: 0, wrong: [] as string[] }
  let neighbours: Promise<void>[] = []
  let stopEvents = () => {}

  beforeAll(async () => {
    const engine = await testEngine()
    chat = await startContainerChat(engine, {
      SANDBOX_EGRESS: "none",
      CONTAINER_MEMORY_LIMIT: "256m",
      CONTAINER_PIDS_LIMIT: "100",
      CONTAINER_DISK_LIMIT: "64m",
    })
    await inspectAll()
    const neighbour = await chat.project({ "server.js": serve("") }, "Quiet neighbour")
    const { url } = await chat.start(neighbour)
    neighbours = [
      () => chat.open(url),
      () => fetch(`${chat.server.url}/health`),
      () => chat.client.project.get.query({ projectId: neighbour }).then(() => new Response()),
    ].map(askAlways)
  }, 60_000)
  afterAll(async () => {
    asking.abort()
    await Promise.all(neighbours)
    stopEvents()
    await chat?.close()
  }, 60_000)

  /** Looks at every container of this server as soon as it runs. */
  async function inspectAll(): Promise<void> {
    const events = await chat.docker.getEvents({ filters: { type: ["container"], event: ["start"] } })
    stopEvents = () => (events as unknown as { destroy(): void }).destroy()
    const look = async (id: string) => {
      const container = chat.docker.getContainer(id)
      const info = await container.inspect().catch(() => null)
      if (info?.Config.Labels["gochat.server"] === serverIdOf(chat.server.dataDir)) seen.set(id, info)
    }
    events.on("data", (lines: Buffer) => {
      for (const line of lines.toString().trim().split("\n")) void look((JSON.parse(line) as { id: string }).id)
    })
  }

  async function askAlways(ask: () => Promise<Response>): Promise<void> {
    while (!asking.signal.aborted) {
      const began = performance.now()
      const status = await ask().then(
        async (answer) => (await answer.text(), answer.status),
        (error: unknown) => String(error),
      )
      quiet.slowest = Math.max(quiet.slowest, performance.now() - began)
      quiet.count++
      if (status !== 200) quiet.wrong.push(`${status} from ${ask.toString()}`)
      await Bun.sleep(100)
    }
  }

  const memoryOfServer = () =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${chat.server.pid}/status`, "utf8"))?.[1]) * 1024
  const failed = (projectId: string) =>
    until(async () => (await chat.client.sandbox.get.query({ projectId, kind: "draft" })).state === "failed", 30_000)
  const get = (projectId: string) => chat.client.sandbox.get.query({ projectId, kind: "draft" })
  /** Asks the app for something that it may not survive. */
  const provoke = async (url: string | null, path: string) => {
    const signal = AbortSignal.timeout(15_000)
    await chat.open(`${url ?? ""}/${path}`, { signal }).then(
      (answer) => answer.text(),
      () => "",
    )
  }
  const mend = async (projectId: string) => {
    await chat.write(projectId, { "server.js": serve("", "// mended") })
    const mended = await chat.start(projectId)
    expect(mended).toMatchObject({ state: "ready", reason: null, cause: null })
    expect(await (await chat.open(mended.url)).text()).toBe("alive")
  }

  test("that forks as much as it can before it answers fails in words, and can be mended", async () => {
    const bomb = 'for (let n = 0; n < 400; n++) Bun.spawn(["sleep", "20"])'
    const projectId = await chat.project({ "server.js": serve("", bomb) })
    const state = await chat.start(projectId)
    expect(state).toMatchObject({ state: "failed", cause: "app" })
    expect(state.reason).toMatch(/more processes than/)
    await mend(projectId)
  }, 30_000)

  test("that forks as much as it can and lives on leaves its command and its stop working", async () => {
    const body = `if (path === "/fork") for (let n = 0; n < 400; n++) try { Bun.spawn(["sleep", "20"]) } catch {}`
    const projectId = await chat.project({ "server.js": serve(body) })
    const { url } = await chat.start(projectId)
    await provoke(url, "fork")
    const told = await chat.run(projectId, "echo through")
    expect(told.text).toMatch(/through|more processes than/)
    await mend(projectId)
    expect((await chat.run(projectId, "echo through; pgrep -c sleep")).text).toContain("through\n1")
  }, 30_000)

  test("that eats memory is ended with the reason", async () => {
    const body = `if (path === "/eat") { globalThis.all = []; for (let n = 0; n < 40; n++) all.push(Buffer.alloc(${16 * mb}, n)) }`
    const projectId = await chat.project({ "server.js": serve(body) })
    const { url } = await chat.start(projectId)
    await provoke(url, "eat")
    await failed(projectId)
    expect(await get(projectId)).toMatchObject({
      cause: "app",
      reason: expect.stringContaining("more memory than the"),
    })
    await mend(projectId)
  }, 30_000)

  test("that fills the disk is ended with the reason, and a command makes room", async () => {
    const body = `if (path === "/fill") for (let n = 0; n < 6; n++) await Bun.write(process.env.DATA_DIR + "/fill-" + n, Buffer.alloc(${20 * mb}, n))`
    const projectId = await chat.project({ "server.js": serve(body) })
    const { url } = await chat.start(projectId)
    await provoke(url, "fill")
    await failed(projectId)
    const { reason, cause } = await get(projectId)
    expect({ reason, cause }).toEqual({ cause: "disk", reason: expect.stringContaining("may take 64 MB") })
    expect(await chat.start(projectId)).toMatchObject({ state: "failed", cause: "disk" })
    expect((await chat.run(projectId, 'rm "$DATA_DIR"/fill-*; echo removed')).text).toContain("removed")
    await mend(projectId)
  }, 40_000)

  test("that prints 5 MB a second costs the server no memory", async () => {
    const print = `if (path === "/flood") { const end = Date.now() + 5000; const line = "x".repeat(51_199) + "\\n"; const go = () => { process.stdout.write(line.repeat(10)); if (Date.now() < end) setTimeout(go, 100) }; go() }`
    const projectId = await chat.project({ "server.js": serve(print) })
    const { url } = await chat.start(projectId)
    const before = memoryOfServer()
    const began = performance.now()
    await provoke(url, "flood")
    let most = 0
    while (performance.now() - began < 6_000) {
      most = Math.max(most, memoryOfServer())
      await Bun.sleep(100)
    }
    expect(most - before).toBeLessThan(60 * mb)
    expect((await get(projectId)).state).toBe("ready")
    const { text } = await chat.client.sandbox.log.query({ projectId, kind: "draft" })
    expect(text.length).toBeGreaterThan(60_000)
    expect(text.length).toBeLessThan(70_000)
  }, 30_000)

  test("that takes every processor, or asks itself without end, is put to sleep like any other", async () => {
    const burn = `if (path === "/burn") for (const end = Date.now() + 10_000; Date.now() < end; );`
    const spam = `if (path === "/spam") for (let n = 0; n < 50; n++) (async () => { for (const end = Date.now() + 4000; Date.now() < end; ) await fetch("http://127.0.0.1:" + process.env.PORT + "/").then((a) => a.text()).catch(() => {}) })()`
    const projectId = await chat.project({ "server.js": serve(`${burn}; ${spam}`) })
    const { url } = await chat.start(projectId)
    await provoke(url, "spam")
    await Bun.sleep(1_000)
    expect((await get(projectId)).state).toBe("ready")
    void provoke(url, "burn")
    await Bun.sleep(1_000)
    const began = performance.now()
    expect(await chat.client.sandbox.stop.mutate({ projectId, kind: "draft" })).toMatchObject({ state: "asleep" })
    expect(performance.now() - began).toBeLessThan(8_000)
    await mend(projectId)
  }, 40_000)

  test("has commands that leave nothing behind, see nothing of the server, and run where the app runs", async () => {
    const projectId = await chat.project({ "server.js": serve("") })
    await chat.start(projectId)
    const left = await chat.run(
      projectId,
      `for n in 1 2 3; do setsid sh -c 'trap "" TERM HUP; sleep 301; :' & done; (nohup sleep 302 >/dev/null 2>&1 &); echo left`,
    )
    expect(left.text).toContain("left")
    expect((await chat.run(projectId, "pgrep -cf 'sleep 30[12]' || true")).text).toMatch(/\b0\b/)
    const gateway = "$(ip=$(grep -w app /etc/hosts | cut -f1); echo ${ip%.*}.1)"
    const seenInside = await chat.run(
      projectId,
      [
        "cat /etc/hostname",
        "id -u",
        "find / -xdev -name 'docker*.sock' 2>/dev/null | wc -l",
        'curl -s -o /dev/null -w "%{http_code} own\\n" "http://127.0.0.1:$PORT/"',
        `for host in ${gateway} host.docker.internal 127.0.0.1; do curl -s -m 1 -o /dev/null -w "%{http_code} server\\n" "http://$host:${chat.server.port}/health"; done`,
        `ls ${chat.server.dataDir} 2>&1`,
        "env",
        "cat /proc/mounts",
      ].join("; "),
    )
    expect(seenInside.text).toMatch(/app\n\d+\n0\n200 own\n000 server\n000 server\n000 server\n/)
    expect(seenInside.text).not.toMatch(/app\n0\n/)
    expect(seenInside.text).toMatch(/cannot access/)
    expect(seenInside.text).not.toMatch(/test-key|DATABASE_URL/)
  }, 30_000)

  test("has checks that fork, eat and fill: each fails in words, and the next ones are green", async () => {
    const checks = [
      "forks:\n  script:\n    - n=0; while [ $n -lt 400 ]; do sleep 5 & n=$((n+1)); done; wait\n",
      `eats:\n  script:\n    - bun -e 'const all = []; for (let n = 0; n < 40; n++) all.push(Buffer.alloc(${16 * mb}, n))'\n`,
      // Alone: what takes too much of the disk ends all that runs of its project.
      "fills:\n  stage: deploy\n  when: always\n  script:\n    - for n in 1 2 3 4 5 6; do head -c 20000000 /dev/zero > fill-$n; sleep 1; done; sleep 45\n",
    ]
    const projectId = await chat.project({ "server.js": serve(""), ".gitlab-ci.yml": checks.join("") })
    const reasons: Record<string, RegExp> = {
      forks: /more processes than/,
      eats: /more memory than/,
      fills: /may take 64 MB/,
    }
    const over = async () => {
      const [build] = (await chat.client.build.list.query({ projectId })).builds
      return build !== undefined && ["failed", "success"].includes(build.status) ? build : null
    }
    await until(async () => (await over()) !== null, 70_000)
    const build = await over()
    expect(build?.jobs.map(({ name, status }) => `${name} ${status}`).sort()).toEqual([
      "eats failed",
      "fills failed",
      "forks failed",
    ])
    expect(build?.error).toMatch(/more memory than the|more processes than|may take 64 MB/)
    for (const { id: jobId, name } of build?.jobs ?? []) {
      const { text } = await chat.client.build.log.query({ projectId, buildId: build!.id, jobId })
      expect(text.split("\n").findLast((line) => line.includes("Job failed"))).toMatch(reasons[name] ?? "")
    }
    await chat.write(projectId, { ".gitlab-ci.yml": "check:\n  script:\n    - echo fine\n" })
    await until(async () => (await over())?.status === "success", 20_000)
    await mend(projectId)
  }, 110_000)

  test("has names that mean something to a shell: they are names and nothing more", async () => {
    const words = ["$(touch hacked)", "`touch hacked`", "; touch hacked;", "&& touch hacked", "| touch hacked", "'\"'"]
    const fine = [
      ...words.map((word) => `${word}.txt`),
      "-rf",
      "--help",
      "$HOME",
      "a  b.txt",
      "*.txt",
      "ünïcode-日本-😀.txt",
      "x".repeat(250),
      "$(touch hacked)/; touch hacked #/-n",
      "${IFS}touch${IFS}hacked/%2e%2e%2fhacked",
    ]
    const refused = ["../hacked", "a/../../hacked", "/tmp/hacked", "new\nline; touch hacked", "x".repeat(300), "a\0b"]
    const list = `if (path === "/ls") return Response.json(await Array.fromAsync(new Bun.Glob("**/*").scan({ dot: true, onlyFiles: true })))`
    const read = `if (path.startsWith("/f/")) return new Response(Bun.file(decodeURIComponent(path.slice(3))))`
    const variables = Object.fromEntries(words.map((word, at) => [`WORD_${at}`, `${word}\nnew line`]))
    const files = {
      "server.js": serve(`if (path === "/env") return Response.json(process.env); ${list}; ${read}`),
      ".devcontainer/devcontainer.json": JSON.stringify({
        containerEnv: variables,
        postCreateCommand: ["printf", "%s\\n", ...words, "--", "-n"],
        customizations: { gochat: { dev: "bun server.js", start: "bun server.js", health: "/$(touch%20hacked);`x`" } },
      }),
      "package.json": JSON.stringify({ name: "$(touch hacked)", dependencies: {} }),
      ".gitlab-ci.yml": JSON.stringify(
        Object.fromEntries(
          words.map((word, at) => [
            `job ${at} ${word}`,
            {
              variables: { WORD: word },
              script: [`test "$WORD" = ${quoted(word)}`, 'test -f "$WORD.txt"', `echo ${quoted(word)}`],
              artifacts: { paths: [`${word}.txt`], name: word },
            },
          ]),
        ),
      ),
      ...Object.fromEntries(fine.map((path) => [path, `in ${path}`])),
    }
    const projectId = await chat.project(files, "$(touch hacked) `touch hacked`; ' \" \n -rf 日本 ../../hacked")
    const { results } = await chat.act(projectId, [
      refused.map((path) => ["write_file", { path, content: "x" }]),
      words.map((word) => [
        "run_command",
        { command: `cat < ${quoted(`${word}.txt`)}; echo "$WORD_0" ${quoted(word)}` },
      ]),
      ["-n", "--help", "-c 'touch hacked'", "\u202ehacked"].map((command) => ["run_command", { command }]),
    ])
    expect(results[0]?.map(({ failed: isRefused }) => isRefused)).toEqual(refused.map(() => true))
    expect(results[1]?.map(({ text }) => text)).toEqual(
      words.map((word) => `Exit code 0.\nin ${word}.txt$(touch hacked)\nnew line ${word}\n`),
    )
    expect(results[2]?.map(({ failed: isFailed }) => isFailed)).toEqual([true, true, true, true])

    const started = await chat.start(projectId)
    expect(started).toMatchObject({ state: "ready", reason: null })
    const { text: log } = await chat.client.sandbox.log.query({ projectId, kind: "draft" })
    for (const word of words) expect(log).toContain(`${word}\n`)
    expect(await (await chat.open(`${started.url}/env`)).json()).toMatchObject(variables)
    expect(await (await chat.open(`${started.url}/ls`)).json()).toEqual(expect.arrayContaining(fine))
    for (const path of fine) {
      expect(await (await chat.open(`${started.url}/f/${encodeURIComponent(path)}`)).text()).toBe(`in ${path}`)
    }

    const builds = async () => (await chat.client.build.list.query({ projectId })).builds
    await until(async () => (await builds())[0]?.status !== "running" && (await builds())[0]?.finishedAt !== null)
    const [build] = await builds()
    expect(build).toMatchObject({ status: "success", error: null })
    expect(build?.jobs.map(({ name }) => name).sort()).toEqual(words.map((word, at) => `job ${at} ${word}`).sort())
    const { artifacts } = await chat.client.build.artifacts.query({ projectId, buildId: build?.id ?? "" })
    expect(artifacts.map(({ path }) => path).sort()).toEqual(words.map((word) => `${word}.txt`).sort())

    for (const word of [...words, "--upload-pack=touch hacked", "main; touch hacked", "../../hacked", "-"]) {
      const asked = [
        chat.client.file.tree.query({ projectId, ref: word }),
        chat.client.sandbox.start.mutate({ projectId, kind: "version", sha: word }),
        chat.client.version.publish.mutate({ projectId, sha: word }),
        chat.client.project.create.mutate({ title: "x", template: word }),
      ]
      for (const { status } of await Promise.allSettled(asked)) expect(status).toBe("rejected")
    }
    const found = Bun.spawnSync([
      "find",
      chat.server.dataDir,
      "/tmp",
      process.cwd(),
      "-maxdepth",
      "8",
      "-name",
      "hacked*",
      "-not",
      "-path",
      "*/eng/*",
    ])
    const left = found.stdout.toString().split("\n")
    expect(left.filter((path) => path.endsWith("/hacked"))).toEqual([])
  }, 40_000)

  const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

  test("never makes anybody else wait", () => {
    expect(quiet.wrong).toEqual([])
    expect(quiet.count).toBeGreaterThan(300)
    expect(quiet.slowest).toBeLessThan(patienceMs)
    process.stdout.write(`${quiet.count} answers, slowest ${Math.round(quiet.slowest)} ms\n`)
  })

  test("runs in nothing but hardened containers", () => {
    expect(new Set([...seen.values()].map(({ Config }) => Config.Labels["gochat.kind"]))).toEqual(
      new Set(["draft", "live", "build"]),
    )
    const volumes = new Map<string, string>()
    const networks = new Map<string, string>()
    for (const { Config, HostConfig, Mounts, NetworkSettings } of seen.values()) {
      expect(HostConfig).toMatchObject({
        Memory: limits.memory,
        MemorySwap: limits.memory,
        NanoCpus: 1e9,
        PidsLimit: limits.pids,
        CapDrop: ["ALL"],
        CapAdd: null,
        Privileged: false,
        ReadonlyRootfs: true,
        SecurityOpt: ["no-new-privileges:true"],
        PidMode: "",
        IpcMode: "private",
        RestartPolicy: { Name: "no" },
      })
      expect(HostConfig.Binds ?? []).toEqual([])
      expect(HostConfig.Tmpfs?.["/tmp"]).toContain("nosuid,nodev")
      expect(Config.User).toMatch(/^[1-9]\d*:\d+$/)
      expect(Mounts.map(({ Type, Destination }) => `${Type} ${Destination}`).sort()).toEqual([
        "volume /cache",
        "volume /data",
        "volume /workspace",
      ])
      expect(JSON.stringify(Config.Env)).not.toMatch(/test-key|SECRET|DATABASE/)
      const project = Config.Labels["gochat.project"] ?? ""
      expect(project).not.toBe("")
      // Nobody shares a volume or a network with another project.
      const own = Object.keys(NetworkSettings.Networks)
      expect(own).toHaveLength(1)
      for (const { Name } of Mounts) expect(sameOwner(volumes, Name ?? "", project)).toBe(true)
      for (const name of own) expect(sameOwner(networks, name, project)).toBe(true)
    }
  })

  function sameOwner(owners: Map<string, string>, name: string, project: string): boolean {
    if (!owners.has(name)) owners.set(name, project)
    return owners.get(name) === project
  }
})
