import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { makeBridge, removeBridge } from "./engine-bridge.ts"
import { callEngine, engineAnswers } from "./engine-call.ts"
import { unmountBelow } from "./engine-mounts.ts"
import { processLives, startApart } from "./engine-process.ts"

const startMs = 60_000
const stopMs = 30_000
const keptSeconds = 10 * 24 * 3600

/** Flags of an engine that leaves the machine's packet filter and `docker0` to another one. */
export const quietFlags = ["--bridge=go-chat-fault", "--iptables=false", "--ip-forward=false", "--ip-masq=false"]

function bridgeOf(flags: string[]): string | null {
  return flags.find((flag) => flag.startsWith("--bridge="))?.slice("--bridge=".length) ?? null
}

export function daemonHost(folder: string): string {
  return `unix://${join(folder, "docker.sock")}`
}

/** Starts a `dockerd` that has everything in `folder`, apart from this process, and waits until it answers. */
export async function startDaemon(folder: string, flags: string[]): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const host = daemonHost(folder)
  const log = join(folder, "log")
  // Settings of the machine's own Docker would contradict these flags.
  writeFileSync(join(folder, "daemon.json"), "{}")
  writeFileSync(log, "")
  rmSync(join(folder, "pid"), { force: true })
  const own = ["data-root", "exec-root", "pidfile", "config-file"]
  const places = ["data", "exec", "pid", "daemon.json"].map((name, at) => `--${own[at]}=${join(folder, name)}`)
  const command = [
    "dockerd",
    `--host=${host}`,
    ...places,
    `--containerd-namespace=${basename(folder)}`,
    "--log-level=warn",
  ]
  const bridge = bridgeOf(flags)
  if (bridge !== null) makeBridge(bridge)
  const pid = startApart([...command, ...flags], log)
  const until = Date.now() + startMs
  while (!(await engineAnswers(host))) {
    const said = () => readFileSync(log, "utf8")
    if (!processLives(pid)) throw new Error(`The container engine of the tests did not start:\n${said()}`)
    if (Date.now() > until) throw new Error(`The container engine of the tests does not answer:\n${said()}`)
    await Bun.sleep(20)
  }
  return host
}

/** Process of the daemon of `folder`, when it lives. */
export function daemonPid(folder: string): number | null {
  return livingPid(join(folder, "pid"), folder)
}

/** The process that wrote its number to `file`, unless it is gone or the number is somebody else's by now. */
function livingPid(file: string, folder: string): number | null {
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0
  return pid > 0 && processLives(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder) ? pid : null
}

/** As a power cut: no goodbye to its containers. */
export async function killDaemon(folder: string): Promise<void> {
  await signal(folder, "SIGKILL")
}

/** Ends it with all its containers. One that was killed is started once more for that: only it knows what it left. */
export async function stopDaemon(folder: string, flags: string[]): Promise<void> {
  if (daemonPid(folder) === null) {
    if (!existsSync(join(folder, "pid"))) return
    await startDaemon(folder, flags)
  }
  await clearDaemon(daemonHost(folder)).catch((error: unknown) =>
    appendFileSync(join(folder, "log"), `${String(error)}\n`),
  )
  await signal(folder, "SIGTERM")
  const bridge = bridgeOf(flags)
  if (bridge !== null) removeBridge(bridge)
  unmountBelow(folder)
}

/** Forgets everything that a stopped daemon kept, also its images. */
export function resetDaemon(folder: string): void {
  unmountBelow(folder)
  for (const name of ["data", "exec", "pid"]) rmSync(join(folder, name), { recursive: true, force: true })
}

/** Removes what tests made and keeps the test images of the last days. */
export async function clearDaemon(host: string): Promise<void> {
  const list = async <T>(path: string): Promise<T> => (await callEngine(host, path)).json() as T
  const remove = (path: string) => callEngine(host, `${path}?force=true`, { method: "DELETE" })
  const prune = (what: string, filters: Record<string, string[]>) =>
    callEngine(host, `/${what}/prune?filters=${encodeURIComponent(JSON.stringify(filters))}`, { method: "POST" })

  const containers = await list<{ Id: string }[]>("/containers/json?all=true")
  await Promise.all(containers.map(({ Id }) => remove(`/containers/${Id}`)))
  const { Volumes } = await list<{ Volumes: { Name: string }[] | null }>("/volumes")
  // One by one: newer engines prune only volumes without a name.
  await Promise.all((Volumes ?? []).map(({ Name }) => remove(`/volumes/${Name}`)))
  await prune("networks", {})
  const images = await list<{ RepoTags: string[] | null; Created: number }[]>("/images/json")
  const kept = (tag: string, made: number) => tag.startsWith("gochat-test:") && Date.now() / 1000 - made < keptSeconds
  const tags = images.flatMap(({ RepoTags, Created }) => (RepoTags ?? []).filter((tag) => !kept(tag, Created)))
  for (const tag of tags) if (tag !== "<none>:<none>") await remove(`/images/${tag}`)
  await prune("images", { dangling: ["true"] })
}

async function signal(folder: string, name: "SIGTERM" | "SIGKILL"): Promise<void> {
  await endProcess(join(folder, "pid"), folder, name)
  // Its helper dies with it a moment later; a daemon that starts before takes it for alive and waits for it.
  const helper = join(folder, "exec/containerd/containerd.pid")
  await endProcess(helper, folder, name)
  rmSync(helper, { force: true })
}

async function endProcess(file: string, folder: string, name: "SIGTERM" | "SIGKILL"): Promise<void> {
  const pid = livingPid(file, folder)
  if (pid === null) return
  process.kill(pid, name)
  const until = Date.now() + stopMs
  while (processLives(pid)) {
    if (Date.now() > until) throw new Error(`The process ${pid} of the container engine of the tests does not end.`)
    await Bun.sleep(10)
  }
}
