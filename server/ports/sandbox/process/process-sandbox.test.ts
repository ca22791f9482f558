import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { type AppSpec, type ExecResult, type Sandbox, SandboxError, type SandboxTarget } from "../port.ts"
import { createProcessSandbox } from "./create-process-sandbox.ts"

const canary = "canary-3f9a1c77e2"
const root = process.getuid?.() === 0
const target: SandboxTarget = { projectId: "p1", kind: "draft", ref: "" }
const never = new AbortController().signal

const app = (command: string, health = "/"): AppSpec => ({
  image: null,
  port: 3000,
  postCreateCommand: null,
  command,
  health,
  env: {},
})

// `uid` needs a root server; without one the test of it has no subject.
const kinds = [
  ...(Bun.which("bwrap") ? (["bubblewrap"] as const) : []),
  ...(root && Bun.which("setpriv") ? (["uid"] as const) : []),
]

test("there is a wall to test on Linux", () => {
  if (process.platform === "linux" && process.env["CI"] === "true") expect(kinds).toContain("bubblewrap")
})

for (const kind of kinds) {
  describe(kind, () => {
    let home: string
    let dataDir: string
    let sandbox: Sandbox
    let files: string
    let data: string

    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), "gochat-sandbox-"))
      // Others may walk through, as they may through most data folders.
      if (kind === "uid") Bun.spawnSync(["chmod", "711", home])
      dataDir = join(home, "data-dir")
      files = join(dataDir, "workspaces", "p1")
      data = join(dataDir, "data", "p1", "draft")
      mkdirSync(files, { recursive: true })
      writeFileSync(join(dataDir, "secret.key"), canary, { mode: 0o600 })
      process.env["CANARY_OF_THE_TEST"] = canary
      sandbox = await createProcessSandbox({ dataDir, log: pino({ level: "silent" }), isolation: kind })
    })

    afterAll(async () => {
      await sandbox.close()
      delete process.env["CANARY_OF_THE_TEST"]
      rmSync(home, { recursive: true, force: true })
    })

    const exec = (
      command: string,
      more: {
        timeoutMs?: number
        maxOutputBytes?: number
        signal?: AbortSignal
        onOutput?: (text: string) => void
      } = {},
    ): Promise<ExecResult> =>
      sandbox.exec(target, {
        image: null,
        root: files,
        dataDir: data,
        command,
        timeoutMs: 20_000,
        maxOutputBytes: 100_000,
        signal: never,
        ...more,
      })
    const start = (spec: AppSpec, onExit: (reason: string) => void = () => {}, signal = never) =>
      sandbox.start(target, { root: files, dataDir: data, app: spec, onProgress: () => {}, onExit, signal })

    test("says which wall it is, and warns only where something can be seen", () => {
      expect(sandbox.isolation).toBe(kind)
      expect(sandbox.warning === null).toBe(kind === "bubblewrap")
    })

    test("gives output, exit code and a writable folder, as an account that is not root", async () => {
      const result = await exec('echo out; echo err >&2; touch made "$DATA_DIR/kept"; id -u; exit 3')
      expect(result).toMatchObject({ exitCode: 3, ended: "exit", truncatedBytes: 0 })
      expect(result.output.split("\n").slice(0, 2)).toEqual(["out", "err"])
      if (root) expect(Number(result.output.split("\n")[2])).toBeGreaterThan(1000)
      expect(existsSync(join(files, "made"))).toBe(true)
      expect(existsSync(join(data, "kept"))).toBe(true)
    })

    test("output comes while it runs and equals what is kept", async () => {
      let seen = ""
      const controller = new AbortController()
      const result = await exec("echo first; sleep 300", {
        signal: controller.signal,
        onOutput: (text) => {
          seen += text
          controller.abort()
        },
      })
      expect(result).toMatchObject({ ended: "aborted", exitCode: null, output: "first\n" })
      expect(seen).toBe("first\n")
    })

    test("ends children that fled into sessions of their own", async () => {
      const result = await exec(
        "i=0; while [ $i -lt 20 ]; do setsid sleep 291 >/dev/null 2>&1 & i=$((i+1)); done; echo done",
      )
      expect(result).toMatchObject({ exitCode: 0, output: "done\n" })
      expect(await sleepers("291")).toBe(0)
    })

    test("ends a command that hangs, with all it started", async () => {
      const begun = Date.now()
      const result = await exec("setsid sleep 292 & trap '' TERM; sleep 292; sleep 292", { timeoutMs: 700 })
      expect(result).toMatchObject({ ended: "timeout", exitCode: null })
      expect(Date.now() - begun).toBeLessThan(10_000)
      expect(await sleepers("292")).toBe(0)
    })

    test("cuts 50 MB of output and stays flat", async () => {
      Bun.gc(true)
      const before = process.memoryUsage.rss()
      let most = 0
      const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
      const result = await exec("echo begin; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo end", {
        timeoutMs: 60_000,
      })
      clearInterval(watch)
      expect(result.exitCode).toBe(0)
      expect(result.output.length).toBeLessThan(101_000)
      expect(result.output.startsWith("begin\n")).toBe(true)
      expect(result.output.endsWith("end\n")).toBe(true)
      expect(result.truncatedBytes).toBeGreaterThan(49_000_000)
      expect(most - before).toBeLessThan(60_000_000)
    })

    test("no key of ours is in any environment, file or process that a command can read", async () => {
      const { output, exitCode } = await exec(
        `cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; cat ${join(dataDir, "secret.key")} ${home}/* 2>&1; env; echo over`,
      )
      expect(exitCode).toBe(0)
      expect(output).toContain("over")
      expect(output).not.toContain(canary)
    })

    test("no rights are left, and the number of processes has a limit that binds", async () => {
      const { output } = await exec(
        "grep -E 'CapEff|NoNewPrivs' /proc/self/status; grep 'Max processes' /proc/self/limits",
      )
      expect(output).toContain("CapEff:\t0000000000000000")
      if (root) {
        expect(output).toContain("NoNewPrivs:\t1")
        expect(output).toMatch(/Max processes +512 +512/)
        // A small one of its own, and a fixed number of children: the same rule, seen at work.
        const bound = await exec(
          "prlimit --nproc=12 sh -c 'i=0; while [ $i -lt 40 ]; do sleep 3 & i=$((i+1)); done; echo all 40'",
        )
        expect(bound.output).toMatch(/fork/i)
        expect(bound.output).not.toContain("all 40")
      }
    })

    test("the static template starts, answers, keeps its data, and leaves nothing behind", async () => {
      cpSync(join(import.meta.dir, "../../../../templates/static"), files, { recursive: true })
      const endpoint = await start(app("bun server.js"))
      const url = `http://${endpoint.host}:${endpoint.port}`
      expect(sandbox.endpoint(target)).toEqual(endpoint)
      expect((await fetch(url)).status).toBe(200)
      expect(await (await fetch(`${url}/store/items`, { method: "PUT", body: '["a"]' })).json()).toEqual(["a"])
      expect(readFileSync(join(data, "items.json"), "utf8")).toBe('["a"]')
      expect(sandbox.log(target)).toContain("Listening on")
      expect(sandbox.running()).toEqual([target])
      await sandbox.stop(target)
      expect(sandbox.endpoint(target)).toBeNull()
      expect(await fetch(url).catch(() => "gone")).toBe("gone")
      expect(sandbox.log(target)).toContain("Listening on")
    })

    test("an app that ends at once gives a plain reason", async () => {
      writeFileSync(join(files, "broken.js"), 'import "./no-such-file.js"\n')
      const error = await start(app("bun broken.js")).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(SandboxError)
      expect((error as SandboxError).reason).toMatch(/cannot find module/i)
      expect((error as SandboxError).log).toContain("no-such-file")
      expect(sandbox.running()).toEqual([])
    })

    test("an app that dies later says so once", async () => {
      writeFileSync(
        join(files, "dies.js"),
        'Bun.serve({ port: process.env.PORT, hostname: "127.0.0.1", fetch: (r) => r.url.endsWith("/die") ? process.exit(7) : new Response("up") })\n',
      )
      const { promise, resolve } = Promise.withResolvers<string>()
      const { port } = await start(app("bun dies.js"), resolve)
      await fetch(`http://127.0.0.1:${port}/die`).catch(() => null)
      expect(await promise).toContain("code 7")
      expect(sandbox.endpoint(target)).toBeNull()
    })

    test("a start that is called off leaves nothing", async () => {
      const controller = new AbortController()
      const starting = start(app("echo never; sleep 293"), () => {}, controller.signal).catch((error: unknown) => error)
      while (!sandbox.log(target).includes("never")) await Bun.sleep(5)
      controller.abort(new Error("called off"))
      expect(String(await starting)).toContain("called off")
      expect(await sleepers("293")).toBe(0)
    })

    test("installs once, and again when the manifest changes", async () => {
      const spec = { ...app("bun server.js"), postCreateCommand: 'echo x >> "$DATA_DIR/installs"' }
      const installs = () => readFileSync(join(data, "installs"), "utf8").length / 2
      const prepare = () =>
        sandbox.prepare(target, { root: files, dataDir: data, app: spec, onProgress: () => {}, signal: never })
      rmSync(join(data, "installs"), { force: true })
      mkdirSync(join(files, "node_modules"), { recursive: true })
      await prepare()
      await prepare()
      expect(installs()).toBe(1)
      writeFileSync(join(files, "package.json"), '{"name":"other"}')
      await prepare()
      expect(installs()).toBe(2)
      const failing = { ...spec, postCreateCommand: "echo 'error: no such package: nope' >&2; exit 1" }
      const error = await sandbox
        .prepare(target, { root: files, dataDir: data, app: failing, onProgress: () => {}, signal: never })
        .catch((error: unknown) => error)
      expect((error as SandboxError).reason).toContain("no such package: nope")
    })

    test("a pipe or a link in place of a lock file holds nothing up", async () => {
      const spec = {
        ...app("true"),
        postCreateCommand: "rm -f yarn.lock bun.lock; mkfifo yarn.lock; ln -s yarn.lock bun.lock",
      }
      const prepare = () =>
        sandbox.prepare(target, { root: files, dataDir: data, app: spec, onProgress: () => {}, signal: never })
      await prepare()
      await prepare()
      await exec("rm yarn.lock bun.lock")
    })

    if (kind === "bubblewrap" && root) {
      test("taking over the files of another account never leaves the folder, whatever is swapped meanwhile", async () => {
        const version = (ref: string): SandboxTarget => ({ projectId: "p1", kind: "version", ref })
        const owner = statSync("/dev/full").uid
        await exec("chmod 777 . && mkdir -m 777 swapped && touch swapped/full && ln -s /dev devices")
        const controller = new AbortController()
        writeFileSync(
          join(files, "swap.ts"),
          `import { dlopen } from "bun:ffi"
          const args = ["i32", "cstring", "i32", "cstring", "u32"]
          const { symbols } = dlopen("libc.so.6", { renameat2: { args, returns: "i32" } })
          const [here, exchange] = [-100, 2]
          const [folder, link] = [Buffer.from("swapped\\0"), Buffer.from("devices\\0")]
          if (symbols.renameat2(here, folder, here, link, exchange) !== 0) throw new Error("nothing is swapped")
          console.log("swapping")
          for (;;) symbols.renameat2(here, folder, here, link, exchange)`,
        )
        const began = Promise.withResolvers<void>()
        const swapping = exec("exec bun swap.ts", { signal: controller.signal, onOutput: () => began.resolve() })
        await began.promise
        const owners = new Set<number>()
        for (let round = 0; round < 40; round++) {
          const input = {
            root: files,
            dataDir: data,
            image: null,
            command: "true",
            timeoutMs: 10_000,
            maxOutputBytes: 1_000,
          }
          await sandbox.exec(version(`v${round}`), { ...input, signal: never })
          owners.add(statSync("/dev/full").uid)
        }
        controller.abort()
        expect((await swapping).ended).toBe("aborted")
        await exec("rm -rf swapped devices swap.ts; chmod 755 .")
        if (statSync("/dev/full").uid !== owner) chownSync("/dev/full", owner, owner)
        expect([...owners]).toEqual([owner])
      })
    }

    test("the files of a job belong to an account that others cannot enter", async () => {
      await exec("touch mine")
      if (root) expect(statSync(join(files, "mine")).uid).toBeGreaterThan(1000)
      const stranger = await sandbox
        .exec(
          { projectId: "p2", kind: "draft", ref: "" },
          {
            root: join(dataDir, "workspaces", "p2"),
            dataDir: join(dataDir, "data", "p2", "draft"),
            image: null,
            command: `ls ${files} && echo seen`,
            timeoutMs: 10_000,
            maxOutputBytes: 1000,
            signal: never,
          },
        )
        .catch(() => null)
      expect(stranger?.output ?? "").not.toContain("seen")
    })

    test("after kill -9 of the server nothing of its apps is left", async () => {
      const other = join(home, "killed")
      mkdirSync(join(other, "workspaces", "k"), { recursive: true })
      const script = `
        import { pino } from "pino"
        import { createProcessSandbox } from ${JSON.stringify(join(import.meta.dir, "create-process-sandbox.ts"))}
        const sandbox = await createProcessSandbox({ dataDir: ${JSON.stringify(other)}, log: pino({ level: "silent" }), isolation: "${kind}" })
        await sandbox.exec({ projectId: "k", kind: "draft", ref: "" }, {
          image: null,
          root: ${JSON.stringify(join(other, "workspaces", "k"))}, dataDir: ${JSON.stringify(join(other, "data", "k"))},
          command: "for i in 1 2 3; do setsid sleep 294 & done; sleep 294 & echo ready; wait", timeoutMs: 60000, maxOutputBytes: 1000,
          signal: new AbortController().signal, onOutput: (text) => process.stdout.write(text),
        })`
      const child = Bun.spawn([process.execPath, "-e", script], {
        cwd: join(import.meta.dir, "../../../.."),
        stdout: "pipe",
        stderr: "inherit",
      })
      for await (const chunk of child.stdout) if (new TextDecoder().decode(chunk).includes("ready")) break
      // Each of them has to be what it becomes.
      while ((await sleepers("294")) < 4 && child.exitCode === null) await Bun.sleep(5)
      child.kill("SIGKILL")
      await child.exited
      const until = Date.now() + 10_000
      while ((await sleepers("294")) > 0 && Date.now() < until) await Bun.sleep(20)
      expect(await sleepers("294")).toBe(0)
    })

    test("sweep ends what carries the mark of this data folder", async () => {
      const running = exec("echo on; sleep 295")
      while ((await sleepers("295")) === 0) await Bun.sleep(10)
      await sandbox.sweep(async () => new Set())
      expect((await running).ended).toBe("killed")
      expect(await sleepers("295")).toBe(0)
    })

    test("nothing at all is left that was started here", async () => {
      await sandbox.close()
      for (const seconds of ["291", "292", "293", "294", "295"]) expect(await sleepers(seconds)).toBe(0)
      const late = await start(app("bun server.js")).catch((error: unknown) => error)
      expect(String(late)).toContain("stopping")
    })
  })
}

/** Processes of this machine that are `sleep <seconds>`; each test has a number of its own. */
async function sleepers(seconds: string): Promise<number> {
  const lines = await Promise.all(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  )
  return lines.filter((line) => line === `sleep\0${seconds}\0`).length
}
