/**
 * A GitLab for the browser journeys, in a process of its own: the double needs Bun, the runner of the journeys may be
 * Node. Does over HTTP what somebody else does in GitLab's own pages; ends when its input closes.
 */
import type { BuildStatus } from "../../../shared/build.ts"
import { startGitLab } from "../../../server/testing/gitlab/start-gitlab.ts"
import { until } from "../../../server/testing/until.ts"

const gitlab = await startGitLab()

/** The project that was made last. */
function newest() {
  const project = [...gitlab.world.projects.values()].at(-1)
  if (project === undefined) throw new Error("there is no project")
  return project
}

const acts = {
  /** How pipelines go of projects that are made from now on. */
  pipelines: ({ how }: { how: "runner" | "scripted" }) => {
    gitlab.settings.pipelines = how
  },
  commit: ({ files, message }: { files: Record<string, string>; message: string }) =>
    gitlab.commit(newest().id, files, { message }),
  merge: ({ number }: { number: number }) => gitlab.merge(newest().id, number),
  /** Jobs of the newest pipeline, in the order in which this happens to them. */
  jobs: ({ states }: { states: [name: string, status: BuildStatus][] }) => {
    const script = gitlab.script(newest().id)
    for (const [name, status] of states) script.set(name, status)
  },
  /** Answers once this job of the newest pipeline waits for a person no more. */
  played: ({ name }: { name: string }) => until(() => gitlab.script(newest().id).job(name).status !== "manual"),
  /** The newest pipeline, whatever its jobs are. */
  pipeline: ({ status }: { status: BuildStatus }) => {
    gitlab.script(newest().id).setStatus(status)
  },
  token: ({ expiresInDays }: { expiresInDays: number }) => {
    for (const token of gitlab.world.tokens) {
      token.expiresAt = new Date(Date.now() + expiresInDays * 86_400_000).toISOString().slice(0, 10)
    }
  },
  away: () => gitlab.away(),
  back: () => gitlab.back(),
}
type Acts = typeof acts
export type Act = keyof Acts
export type ActInput<A extends Act> = Parameters<Acts[A]>[0]

const isAct = (name: string): name is Act => Object.hasOwn(acts, name)

const control = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1)
    if (!isAct(name)) return new Response(null, { status: 404 })
    try {
      await (acts[name] as (input: unknown) => unknown)(await request.json())
      return new Response(null, { status: 204 })
    } catch (error) {
      return new Response(error instanceof Error ? error.message : String(error), { status: 400 })
    }
  },
})
const { url, token, group } = gitlab
process.stdout.write(`${JSON.stringify({ url, token, group: group.fullPath, control: control.url.origin })}\n`)

for await (const _ of Bun.stdin.stream()) continue
await control.stop(true)
await gitlab.close()
process.exit(0)
