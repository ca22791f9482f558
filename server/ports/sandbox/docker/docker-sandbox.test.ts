import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ContainerInspectInfo } from "dockerode"
import { pino } from "pino"
import { engineMissing, testEngine } from "../../../testing/engine.ts"
import { wireTo } from "../../../testing/engine-wire.ts"
import { until } from "../../../testing/until.ts"
import { type AppSpec, type Sandbox, SandboxError, type SandboxTarget } from "../port.ts"
import { createDockerSandbox } from "./create-docker-sandbox.ts"
import { type Engine, findEngine } from "./engine.ts"
import { labelFilter, labels } from "./labels.ts"

const never = new AbortController().signal
const all = async (ids: string[]) => new Set(ids)
const authority = "-----BEGIN CERTIFICATE-----\nour own\n-----END CERTIFICATE-----\n"
const limits = { memory: 256 * 1024 ** 2, cpus: 1, pids: 100, disk: 40 * 1024 ** 2, runtime: "io.containerd.runc.v2" }

describe.skipIf(engineMissing() !== null)("containers", () => {
  let dataDir: string
  let engine: Engine
  let sandbox: Sandbox
  let image: string
  let count = 0

  beforeAll(async () => {
    const found = await testEngine()
    image = found.image
    // A name that would mean something to a shell.
    dataDir = mkdtempSync(join(tmpdir(), "gochat $(touch hacked) 'docker-"))
    engine = (await findEngine({ host: found.host, dataDir }))!
    writeFileSync(join(dataDir, "authority.pem"), authority)
    sandbox = await open()
    await sandbox.sweep(all)
  }, 60_000)
  afterAll(async () => {
    await sandbox?.close()
    await sandbox?.sweep(async () => new Set())
    expect(await left()).toEqual({ containers: 0, volumes: 0, networks: 0 })
    rmSync(dataDir, { recursive: true, force: true })
  })
  afterEach(async () => {
    for (const target of sandbox.running()) await sandbox.stop(target)
  })

  const open = (more: Partial<typeof limits> = {}, by = engine) =>
    createDockerSandbox({
      engine: by,
      dataDir,
      log: pino({ level: "silent" }),
      image,
      egress: "none",
      limits: { ...limits, ...more },
      env: {
        npm_config_registry: "https://user:secret@npm.example.com/",
        SECRET: "canary",
        NODE_EXTRA_CA_CERTS: join(dataDir, "authority.pem"),
      },
    })

  const filters = () => JSON.stringify(labelFilter(engine.serverId))
  const containers = () => engine.docker.listContainers({ all: true, filters: filters() })
  const left = async () => ({
    containers: (await containers()).length,
    volumes: (await engine.docker.listVolumes({ filters: filters() })).Volumes.length,
    networks: (await engine.docker.listNetworks({ filters: filters() })).length,
  })
  const inspect = async (): Promise<ContainerInspectInfo[]> =>
    Promise.all((await containers()).map(({ Id }) => engine.docker.getContainer(Id).inspect()))

  interface Place {
    target: SandboxTarget
    root: string
    dataDir: string
    write(path: string, text: string): void
  }
  const place = (kind: SandboxTarget["kind"] = "draft", ref = ""): Place => {
    const projectId = `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`
    const root = join(dataDir, "workspaces", projectId)
    mkdirSync(root, { recursive: true })
    const write = (path: string, text: string) => writeFileSync(join(root, path), text)
    return { target: { projectId, kind, ref }, root, dataDir: join(dataDir, "data", projectId), write }
  }
  const app = (command: string, more: Partial<AppSpec> = {}): AppSpec => ({
    image: null,
    port: 3000,
    postCreateCommand: null,
    command,
    health: "/",
    env: {},
    ...more,
  })
  const serve = (word: string, before = "") =>
    `${before}\nBun.serve({ hostname: process.env.HOST, port: process.env.PORT, fetch: () => new Response(${JSON.stringify(word)}) }); console.log("up " + process.env.PORT)`
  const start = (at: Place, spec: AppSpec, onExit: (reason: string) => void = () => {}, progress: string[] = []) =>
    sandbox.start(at.target, {
      root: at.root,
      dataDir: at.dataDir,
      app: spec,
      onExit,
      onProgress: (words) => progress.push(words),
      signal: never,
    })
  const exec = (
    at: Place,
    command: string,
    more: { timeoutMs?: number; signal?: AbortSignal; maxOutputBytes?: number } = {},
  ) =>
    sandbox.exec(at.target, {
      root: at.root,
      dataDir: at.dataDir,
      image: null,
      command,
      timeoutMs: 20_000,
      maxOutputBytes: 10_000,
      signal: never,
      ...more,
    })
  const ask = ({ host, port }: { host: string; port: number }) =>
    fetch(`http://${host}:${port}/`).then((answer) => answer.text())
  const reasonOf = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(SandboxError)
    return (error as SandboxError).reason
  }

  test("an app starts, answers, keeps its data, and leaves nothing running", async () => {
    const at = place()
    at.write("server.ts", serve("hello", `await Bun.write(process.env.DATA_DIR + "/kept", "yes")`))
    const endpoint = await start(at, app("bun server.ts"))
    expect(await ask(endpoint)).toBe("hello")
    expect(sandbox.endpoint(at.target)).toEqual(endpoint)
    expect(sandbox.log(at.target)).toBe("up 3000\n")
    await sandbox.stop(at.target)
    expect(await containers()).toEqual([])
    expect(sandbox.log(at.target)).toBe("up 3000\n")
    expect(readFileSync(join(at.dataDir, "kept"), "utf8")).toBe("yes")
    expect(existsSync("hacked")).toBe(false)
  })

  test("an app may end well when it is stopped", async () => {
    const at = place()
    at.write(
      "server.ts",
      `process.on("SIGTERM", () => { require("fs").writeFileSync("/data/ended", "well"); process.exit(0) });${serve("x")}`,
    )
    await start(at, app("bun server.ts"))
    await sandbox.stop(at.target)
    expect(readFileSync(join(at.dataDir, "ended"), "utf8")).toBe("well")
  })

  test("every container is hardened", async () => {
    const [draft, live, build] = [place(), place("live", "c".repeat(40)), place("build", "b1")]
    for (const at of [draft, live]) {
      at.write("server.ts", serve("x"))
      await start(at, app("bun server.ts"))
    }
    let inBuild: ContainerInspectInfo[] = []
    const building = exec(build, "while ! [ -e go ]; do sleep 0.05; done")
    await until(async () => (inBuild = await inspect()).length === 3)
    build.write("go", "")
    expect((await building).exitCode).toBe(0)
    for (const { Config, HostConfig, Mounts, NetworkSettings } of inBuild) {
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
        Runtime: limits.runtime,
      })
      expect(HostConfig.Tmpfs?.["/tmp"]).toContain("nosuid,nodev")
      expect(Config.User).not.toMatch(/^(0|root|)(:|$)/)
      expect(Mounts.every(({ Type }) => Type === "volume")).toBe(true)
      expect(Mounts.map(({ Destination }) => Destination).sort()).toEqual(["/cache", "/data", "/workspace"])
      expect(Object.keys(NetworkSettings.Networks)).toHaveLength(1)
      expect(JSON.stringify(Config.Env)).not.toMatch(/canary|secret/)
      expect(Config.Labels).toMatchObject({ "gochat.project": expect.any(String), "gochat.kind": expect.any(String) })
    }
    // Nobody shares a volume or a network with another project.
    for (const of of ["Mounts", "NetworkSettings"] as const) {
      const names = inBuild.flatMap((one) =>
        of === "Mounts" ? one.Mounts.map(({ Name }) => Name) : Object.keys(one.NetworkSettings.Networks),
      )
      expect(new Set(names).size).toBe(names.length)
    }
    const seen = await exec(
      draft,
      "id -u; cat /proc/self/status | grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):'; touch /etc/x; ls /var/run/docker.sock; mount | grep -c ' / .*ro,'",
    )
    expect(seen.output).toMatch(/^1000\nCapBnd:\t0+\n|CapEff:\t0+\n/)
    expect(seen.output).toMatch(/NoNewPrivs:\t1\nSeccomp:\t2/)
    expect(seen.output).toMatch(/touch: .*Read-only file system/)
    expect(seen.output).toMatch(/docker.sock.*No such file/)
  }, 30_000)

  describe("commands", () => {
    test("trust an authority of the operator's own", async () => {
      const result = await exec(place(), 'cat "$NODE_EXTRA_CA_CERTS"; echo "[$GOCHAT_CA]"')
      expect(result.output.replaceAll("\n\n", "\n")).toBe(`${authority}[]\n`)
    })

    test("tell what they print and how they end, with their own variables", async () => {
      const at = place()
      const told: string[] = []
      const result = await sandbox.exec(at.target, {
        root: at.root,
        dataDir: at.dataDir,
        image: null,
        command: `echo "$WORD"; echo '$(id) \`id\`' >&2; pwd; exit 3`,
        env: { WORD: `it's "$HOME"; \`id\``, "BAD NAME": "x" },
        timeoutMs: 10_000,
        maxOutputBytes: 1_000,
        onOutput: (text) => told.push(text),
        signal: never,
      })
      expect(result).toEqual({
        exitCode: 3,
        output: `it's "$HOME"; \`id\`\n$(id) \`id\`\n/workspace\n`,
        truncatedBytes: 0,
        ended: "exit",
      })
      expect(told.join("")).toBe(result.output)
    })

    test("run beside the app, which they can ask, and on after it", async () => {
      const at = place()
      at.write("server.ts", serve("from inside"))
      await start(at, app("bun server.ts"))
      expect((await exec(at, 'curl -s "http://127.0.0.1:$PORT"')).output).toBe("from inside")
      const running = exec(at, "echo on; while ! [ -e go ]; do sleep 0.05; done; echo through")
      await until(async () => (await exec(at, "pgrep -c sleep")).output.trim() !== "0")
      await sandbox.stop(at.target)
      at.write("go", "")
      expect((await running).output).toBe("on\nthrough\n")
      // The first one after a stop.
      expect((await exec(at, "echo first")).output).toBe("first\n")
    }, 20_000)

    test("that take too long or are called off leave nothing, also of what they started", async () => {
      const at = place()
      at.write("server.ts", serve("still here"))
      const endpoint = await start(at, app("bun server.ts"))
      const apart = `bun -e 'Bun.spawn(["sleep", "301"], { detached: true }).unref()'`
      const leftovers = `(trap '' TERM HUP; sleep 300) & ${apart}; sleep 302`
      expect(await exec(at, leftovers, { timeoutMs: 700 })).toMatchObject({ exitCode: null, ended: "timeout" })
      const controller = new AbortController()
      const aborted = exec(at, `echo on; ${leftovers}`, { signal: controller.signal })
      await until(async () => (await exec(at, "pgrep -c sleep")).output.trim() === "4")
      controller.abort()
      expect((await aborted).ended).toBe("aborted")
      expect((await exec(at, `(sleep 303 &) ; ${apart}; sleep 304 & echo done`)).output).toBe("done\n")
      // The keeper sleeps, too.
      expect((await exec(at, "pgrep -c sleep")).output).toBe("1\n")
      expect(await ask(endpoint)).toBe("still here")
    }, 20_000)

    test("that print without end are cut in the middle", async () => {
      const result = await exec(place(), "head -c 20000000 /dev/zero | tr '\\0' x; echo end")
      expect(result.exitCode).toBe(0)
      expect(result.truncatedBytes).toBeGreaterThan(19_900_000)
      expect(result.output.endsWith("end\n")).toBe(true)
    })
  })

  describe("installing", () => {
    test("happens once, tells how it goes, and again when what it depends on changes", async () => {
      const at = place()
      at.write("server.ts", serve("x"))
      const spec = app("bun server.ts", { postCreateCommand: "echo round; echo again >> rounds; sleep 0.4; echo last" })
      const progress: string[] = []
      await start(at, spec, () => {}, progress)
      expect(progress[0]).toBe("Installing what it needs…")
      expect(progress).toContain("Installing what it needs… round")
      expect(progress.at(-1)).toBe("Starting your app…")
      await sandbox.stop(at.target)
      await start(at, spec)
      await sandbox.stop(at.target)
      expect(readFileSync(join(at.root, "rounds"), "utf8")).toBe("again\n")
      at.write("package.json", "{}")
      await start(at, spec)
      expect(readFileSync(join(at.root, "rounds"), "utf8")).toBe("again\nagain\n")
    }, 20_000)

    test("that fails says why", async () => {
      const spec = app("true", { postCreateCommand: "echo fine; echo 'error: no such package left-padd'; exit 1" })
      expect(await reasonOf(start(place(), spec))).toBe("Installing what it needs failed: no such package left-padd")
    })
  })

  describe("an app that does not come up", () => {
    test("says why it ended", async () => {
      const at = place()
      at.write("server.ts", 'console.log("one"); throw new Error("no table users")')
      expect(await reasonOf(start(at, app("bun server.ts")))).toContain("no table users")
      expect(sandbox.log(at.target)).toContain("no table users")
      expect(sandbox.endpoint(at.target)).toBeNull()
    })

    test("is called off", async () => {
      const at = place()
      const controller = new AbortController()
      const starting = sandbox.start(at.target, {
        root: at.root,
        dataDir: at.dataDir,
        app: app("sleep 300"),
        onExit: () => {},
        onProgress: (words) => words === "Starting your app…" && controller.abort(new SandboxError("off", "")),
        signal: controller.signal,
      })
      expect(await reasonOf(starting)).toBe("off")
      expect((await exec(at, "pgrep -c sleep; true")).output.trim()).toBe("1")
    })
  })

  describe("an app that was up", () => {
    const died = async (spec: AppSpec, then: (at: Place) => Promise<unknown>) => {
      const at = place()
      at.write("server.ts", serve("x"))
      const { promise, resolve } = Promise.withResolvers<string>()
      const endpoint = await start(at, spec, resolve)
      await then(at)
      void fetch(`http://${endpoint.host}:${endpoint.port}/`).catch(() => {})
      const reason = await promise
      expect(sandbox.running()).toEqual([])
      return { at, reason }
    }
    const container = async () => engine.docker.getContainer((await containers())[0]!.Id)

    test("and ends by itself says its code", async () => {
      const { reason } = await died(app("bun server.ts & sleep 1; exit 7"), async () => {})
      expect(reason).toBe("It ended by itself with code 7.")
    })

    test("and uses too much memory says so; its project can go on", async () => {
      const hog = `setTimeout(() => { const all = []; for (let i = 0; i < 64; i++) all.push(new Uint8Array(8 * 1024 ** 2).fill(i)) ; globalThis.all = all }, 300)`
      const { at, reason } = await died(app(`bun -e '${hog};${serve("x").replaceAll("\n", ";")}'`), async () => {})
      expect(reason).toBe("It used more memory than the 256 MB it may have, so it was ended.")
      at.write("server.ts", serve("lives"))
      expect(await ask(await start(at, app("bun server.ts")))).toBe("lives")
    }, 20_000)

    test("and whose container is killed or removed from outside says so, and starts again", async () => {
      const killed = await died(app("bun server.ts"), async () => (await container()).kill())
      expect(killed.reason).toBe("Its container was ended from outside.")
      expect(await ask(await start(killed.at, app("bun server.ts")))).toBe("x")
      await sandbox.stop(killed.at.target)
      const removed = await died(app("bun server.ts"), async () => (await container()).remove({ force: true }))
      expect(removed.reason).toBe("Its container was ended from outside.")
      expect(await ask(await start(removed.at, app("bun server.ts")))).toBe("x")
    }, 30_000)

    test("and whose connection to the engine is cut is put down to that, and its port is free for the next", async () => {
      const wire = wireTo((await testEngine()).host, join(tmpdir(), `gochat-wire-${process.pid}.sock`))
      const before = sandbox
      try {
        sandbox = await open({}, (await findEngine({ host: wire.host, dataDir }))!)
        const { at } = await died(app("bun server.ts"), async () => wire.cut())
        at.write("server.ts", serve("again"))
        expect(await ask(await start(at, app("bun server.ts")))).toBe("again")
        await sandbox.close()
      } finally {
        sandbox = before
        wire.close()
      }
    }, 20_000)

    test("and fills the disk is ended before the disk is full, and not started until there is room", async () => {
      const fill =
        'i=0; while [ $i -lt 60 ]; do head -c 1000000 /dev/zero > "$DATA_DIR/$i"; i=$((i+1)); done; sleep 300'
      const { at, reason } = await died(app(`bun server.ts & sleep 1; ${fill}`), async () => {})
      expect(reason).toMatch(/^This project takes [\d.]+ MB of the disk and may take 40 MB\./)
      expect(await reasonOf(start(at, app("bun server.ts")))).toMatch(/^This project takes/)
      // A command can make room again.
      expect((await exec(at, 'rm "$DATA_DIR"/*')).exitCode).toBe(0)
      expect(await ask(await start(at, app("bun server.ts")))).toBe("x")
    }, 30_000)
  })

  test("too many processes in one container hurt nobody else", async () => {
    const [bomb, other] = [place(), place()]
    other.write("server.ts", serve("other"))
    const endpoint = await start(other, app("bun server.ts"))
    const bombing = exec(bomb, "i=0; while [ $i -lt 300 ]; do sleep 30 & i=$((i+1)); done; wait", { timeoutMs: 3_000 })
    expect(await ask(endpoint)).toBe("other")
    expect((await bombing).ended).not.toBe("aborted")
    expect((await exec(bomb, "echo alive")).output).toBe("alive\n")
    expect(await ask(endpoint)).toBe("other")
  }, 20_000)

  test("what an earlier server left is removed, what belongs to others stays", async () => {
    const at = place()
    at.write("server.ts", serve("mine"))
    const endpoint = await start(at, app("bun server.ts"))
    const leave = (labels: Record<string, string>) =>
      engine.docker.createContainer({
        Image: image,
        Cmd: ["sleep", "300"],
        Labels: labels,
        HostConfig: { NetworkMode: "none" },
      })
    const lost = await leave({ "gochat.server": engine.serverId, "gochat.project": "gone", "gochat.kind": "draft" })
    const foreign = await leave({ "gochat.server": "another1", "gochat.project": "gone", "gochat.kind": "draft" })
    const volume = { Labels: { "gochat.server": engine.serverId, "gochat.project": "gone" } }
    await engine.docker.createVolume({ Name: "gochat-test-lost", ...volume })
    mkdirSync(join(dataDir, "cache", "projects", "gone"), { recursive: true })
    await sandbox.sweep(async (ids) => new Set(ids.filter((id) => id !== "gone")))
    expect(await lost.inspect().catch(() => null)).toBeNull()
    expect(
      await engine.docker
        .getVolume("gochat-test-lost")
        .inspect()
        .catch(() => null),
    ).toBeNull()
    expect(existsSync(join(dataDir, "cache", "projects", "gone"))).toBe(false)
    expect((await foreign.inspect()).Id).toBe(foreign.id)
    expect(await ask(endpoint)).toBe("mine")
    await foreign.remove({ force: true })
  })

  test("a removed project leaves nothing in the engine", async () => {
    const at = place()
    at.write("server.ts", serve("x"))
    await start(at, app("bun server.ts"))
    await exec({ ...at, target: { ...at.target, kind: "build", ref: "b" } }, "true")
    await sandbox.removeProject(at.target.projectId)
    const own = JSON.stringify({ label: [`${labels.project}=${at.target.projectId}`] })
    expect(await engine.docker.listContainers({ all: true, filters: own })).toEqual([])
    expect((await engine.docker.listVolumes({ filters: own })).Volumes ?? []).toEqual([])
    expect(await engine.docker.listNetworks({ filters: own })).toEqual([])
    expect(existsSync(join(at.root, "server.ts"))).toBe(true)
  })
})
