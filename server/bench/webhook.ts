/**
 * `bun run bench:webhook`: 1,000 signed deliveries a minute for 20 seconds to a server in a process of its own, while the
 * pipelines they are about move. How long GitLab waits for its answers, and whether every build ends in the true state.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BuildStatus } from "../../shared/build.ts"
import type { GoChatClient } from "../../shared/client.ts"
import { freePort } from "../lib/free-port.ts"
import type { ScriptedPipeline } from "../testing/gitlab/scripted-pipeline.ts"
import { startGitLab } from "../testing/gitlab/start-gitlab.ts"
import { signUp } from "../testing/spawned-server.ts"
import { until } from "../testing/until.ts"
import { startChild } from "./child.ts"
import { machine } from "./machine.ts"
import { quantile } from "./quantile.ts"

const perMinute = 1_000
const seconds = 20
const projectCount = 10
/** GitLab waits for 10 s. */
const mostMs = 500

const way = ["waiting_for_resource", "preparing", "pending", "running"] as const
const ends: BuildStatus[] = ["success", "failed", "canceled"]

const dataDir = mkdtempSync(join(tmpdir(), "go-chat-bench-"))
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const gitlab = await startGitLab({ pipelines: "scripted" })

interface Built {
  projectId: string
  pipeline: ScriptedPipeline
}

async function build(client: GoChatClient, number: number): Promise<Built> {
  const { id: projectId } = await client.project.create.mutate({ title: `Bench ${number}`, template: "static" })
  const content = "check: { script: ['true'] }\n"
  await client.file.write.mutate({ projectId, path: ".gitlab-ci.yml", content })
  const statuses = () => client.build.list.query({ projectId })
  await until(async () => typeof (await statuses()).builds[0]?.webUrl === "string", 60_000)
  const webUrl = (await client.project.get.query({ projectId })).forge?.webUrl ?? ""
  const remote = [...gitlab.world.projects.values()].find(({ path }) => webUrl.endsWith(`/${path}`))
  if (remote === undefined) throw new Error(`GitLab has no project for ${webUrl}`)
  return { projectId, pipeline: gitlab.script(remote.id) }
}

/** Each step moves one pipeline, which its hook tells twice: of the job and of the pipeline. */
async function drive(built: readonly Built[]): Promise<void> {
  const steps = (perMinute / 60) * seconds / 2 // prettier-ignore
  const began = performance.now()
  for (let step = 0; step < steps; step++) {
    await Bun.sleep(Math.max(0, began + (step * seconds * 1000) / steps - performance.now()))
    const { pipeline } = built[step % built.length] ?? {}
    pipeline?.set("check", way[Math.floor(step / built.length) % way.length] ?? "running")
  }
}

console.log(machine())
const server = await startChild("stream-server.ts", {
  PORT: String(port),
  PUBLIC_URL: url,
  PREVIEW_DOMAIN: `preview.localhost:${port}`,
  DATA_DIR: dataDir,
  LOG_LEVEL: "error",
  MAX_PROJECTS_PER_USER: "100",
  SANDBOX: "process",
  GITLAB_URL: gitlab.url,
  GITLAB_TOKEN: gitlab.token,
  GITLAB_GROUP: gitlab.group.fullPath,
})
try {
  const { client } = await signUp(url)
  const built: Built[] = []
  for (let number = 1; number <= projectCount; number++) built.push(await build(client, number))
  await gitlab.settled()
  const before = gitlab.hooks.deliveries.length
  const cpu = server.cpuMicros()
  await drive(built)
  await gitlab.settled()
  const sent = gitlab.hooks.deliveries.slice(before)
  const cpuMs = (server.cpuMicros() - cpu) / 1000
  for (const [index, { pipeline }] of built.entries()) pipeline.set("check", ends[index % ends.length] ?? "success")
  const isTrue = async ({ projectId, pipeline }: Built) =>
    (await client.build.list.query({ projectId })).builds[0]?.status === pipeline.pipeline.status
  const allTrue = await until(async () => (await Promise.all(built.map(isTrue))).every(Boolean), 60_000).then(
    () => true,
    () => false,
  )
  const times = sent.map(({ ms }) => ms)
  const taken = sent.filter(
    ({ status, headers }) => status === 200 && headers["webhook-signature"] !== undefined,
  ).length
  const line = [0.5, 0.95, 0.99, 1].map((share) => `p${share * 100} ${quantile(times, share).toFixed(1)} ms`)
  console.log(`${sent.length} signed deliveries in ${seconds} s over ${projectCount} projects, ${taken} taken`)
  console.log(`answered after: ${line.join("   ").replace("p100", "max")}`)
  console.log(`processor time of the server: ${((cpuMs / (seconds * 1000)) * 100).toFixed(1)} % of one core`)
  const kept = allTrue && taken === sent.length && quantile(times, 0.99) <= mostMs
  console.log(`${kept ? "kept" : "BROKEN"}: p99 within ${mostMs} ms, every build ended ${allTrue ? "" : "NOT "}true`)
  process.exitCode = kept ? 0 : 1
} finally {
  await server[Symbol.asyncDispose]()
  await gitlab.close()
  rmSync(dataDir, { recursive: true, force: true })
}
