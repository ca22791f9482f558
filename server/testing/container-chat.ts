import Docker from "dockerode"
import type { GoChatClient } from "../../shared/client.ts"
import type { Sandbox } from "../../shared/sandbox.ts"
import { serverIdOf } from "../ports/sandbox/docker/labels.ts"
import { openPreview } from "./open-preview.ts"
import { type SpawnedServer, signUp, spawnServer } from "./spawned-server.ts"
import { talk, type Talked } from "./talk.ts"
import { until } from "./until.ts"
import { startWireModel, toolResults, type WireModel, type WireStep } from "./wire-model.ts"

type Call = [tool: string, input: Record<string, unknown>]
interface Did {
  talked: Talked
  /** What the tools answered to each step. */
  results: { text: string; failed: boolean }[][]
}

/** A server with its apps on a container engine, a person, and a model that does what a test says. */
export interface ContainerChat {
  readonly server: SpawnedServer
  readonly client: GoChatClient
  readonly docker: Docker
  readonly wire: WireModel
  /** Asks an address of a preview the way a browser resolves it: any `*.localhost` is this machine. */
  open(address: string | null, init?: { method?: string; body?: string; signal?: AbortSignal }): Promise<Response>
  /** Lets the model make these steps in a project and waits for the end of the run. */
  act(projectId: string, steps: Call[][]): Promise<Did>
  /** Lets the model write these files, in one version. */
  write(projectId: string, files: Record<string, string>): Promise<Did>
  /** Lets the model run a command; what it is told. */
  run(projectId: string, command: string, seconds?: number): Promise<{ text: string; failed: boolean }>
  /** A project with these files beside those of its starter, and one trivial check. */
  project(files: Record<string, string>, title?: string): Promise<string>
  /** Starts an app and waits until it is `ready` or `failed`. */
  start(projectId: string, kind?: "draft" | "live", ms?: number): Promise<Sandbox>
  /** What there is in the engine of this server, or of one of its projects. */
  left(projectId?: string): Promise<{ containers: number; volumes: number; networks: number }>
  close(): Promise<void>
}

/** Checks that take no time. */
export const quickChecks = "check:\n  script:\n    - test -f server.js\n"

export async function startContainerChat(
  { host, image }: { host: string; image: string },
  env: Record<string, string> = {},
  through: string = host,
): Promise<ContainerChat> {
  const docker = new Docker({ socketPath: host.slice("unix://".length) })
  const wire = await startWireModel()
  const server = await spawnServer({
    SANDBOX: "docker",
    DOCKER_HOST: through,
    SANDBOX_IMAGE: image,
    CLAUDE_API_KEY: "test-key",
    ANTHROPIC_BASE_URL: wire.url,
    MAX_PROJECTS_PER_USER: "100",
    MAX_CONTAINERS_PER_USER: "100",
    ...env,
  })
  const { client, apiKey } = await signUp(server.url)

  const act: ContainerChat["act"] = async (projectId, steps) => {
    const wish = `wish ${crypto.randomUUID()}`
    const calls = steps.map((step): WireStep => ({ calls: step.map(([tool, input]) => ({ tool, input })) }))
    wire.script(wish, [...calls, { text: "Done." }], { pieceChars: 2_000 })
    const talked = await talk(client, projectId, wish)
    const asked = wire.requests().filter(({ body }) => JSON.stringify(body.messages).includes(wish))
    const results = asked.filter(({ body }) => (body.tools ?? []).length > 0).map(toolResults)
    return { talked, results: results.slice(1) }
  }
  const write: ContainerChat["write"] = async (projectId, files) => {
    const did = await act(projectId, [
      Object.entries(files).map(([path, content]): Call => ["write_file", { path, content }]),
    ])
    const refused = did.results[0]?.find(({ failed }) => failed)
    if (refused !== undefined) throw new Error(refused.text)
    return did
  }
  const left: ContainerChat["left"] = async (projectId) => {
    const own = serverIdOf(server.dataDir)
    const label = projectId === undefined ? `gochat.server=${own}` : `gochat.project=${projectId}`
    const filters = JSON.stringify({ label: [label] })
    const [containers, { Volumes }, networks] = await Promise.all([
      docker.listContainers({ all: true, filters }),
      docker.listVolumes({ filters }),
      docker.listNetworks({ filters }),
    ])
    return { containers: containers.length, volumes: (Volumes ?? []).length, networks: networks.length }
  }

  return {
    server,
    client,
    docker,
    wire,
    act,
    write,
    left,
    open: (address, init = {}) =>
      openPreview(server.port, address, {
        ...init,
        headers: { "x-api-key": apiKey, "content-type": "application/json" },
      }),
    run: async (projectId, command, seconds) => {
      const { results } = await act(projectId, [[["run_command", { command, timeout_seconds: seconds }]]])
      return results[0]?.[0] ?? { text: "", failed: true }
    },
    project: async (files, title = "Test app") => {
      const { id } = await client.project.create.mutate({ title })
      await write(id, { ".gitlab-ci.yml": quickChecks, ...files })
      return id
    },
    start: async (projectId, kind = "draft", ms = 30_000) => {
      let state = await client.sandbox.start.mutate({ projectId, kind })
      await until(async () => {
        state = await client.sandbox.get.query({ projectId, kind })
        return ["ready", "failed"].includes(state.state)
      }, ms)
      return state
    },
    close: async () => {
      await server.close()
      // A server that ends keeps the volumes of its projects; nothing will ask for these again.
      const filters = JSON.stringify({ label: [`gochat.server=${serverIdOf(server.dataDir)}`] })
      const { Volumes } = await docker.listVolumes({ filters })
      await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove()))
      await wire.stop()
    },
  }
}
