import { mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { onAbort } from "../../../lib/on-abort.ts"
import type { ExecInput, ExecResult, Sandbox } from "../../../ports/sandbox/port.ts"
import { testEngine } from "../../engine.ts"

/** Images that build images; their jobs need a container, and a program that is in none of ours. */
const isBuilder = (name: string): boolean => /^quay\.io\/(containers\/buildah|buildah\/stable):/.test(name)

/**
 * As the Docker executor of a runner that may build images: jobs of the builder's image run in a container with this
 * machine's buildah (Debian: apt-get install buildah), which takes everything of docker.io from `registry`. The
 * container has what GitLab's documents ask for, and no more.
 */
export function withBuilder(sandbox: Sandbox, registry: string, folder: string): Sandbox {
  return {
    ...sandbox,
    // Told the image of a job; the others have no use for it.
    mode: "docker",
    exec: (target, input) =>
      input.image?.type === "name" && isBuilder(input.image.name)
        ? build(input, registry, folder)
        : sandbox.exec(target, { ...input, image: null }),
  }
}

async function build(input: ExecInput, registry: string, folder: string): Promise<ExecResult> {
  if (Bun.which("buildah") === null) throw new Error("Images are built by buildah (Debian: apt-get install buildah)")
  const { host, image } = await testEngine()
  const settings = await mkdtemp(join(folder, "builder-"))
  const name = `gitlab-job-${crypto.randomUUID()}`
  const docker = ["docker", "--host", host]
  const quiet = { stdio: ["ignore", "ignore", "ignore"] as ["ignore", "ignore", "ignore"] }
  const env = { ...input.env }
  try {
    await Bun.write(join(settings, "registries.conf"), registries(registry))
    await Bun.write(join(settings, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}')
    // As in the builder's own image: without the first its variables are not read, without the second files could have
    // no owner but root.
    await Bun.write(join(settings, "storage.conf"), storage)
    await Bun.write(join(settings, "subordinates"), "root:1:65535\n")
    const mounts = [
      `${input.root}:/builds/project`,
      "/usr:/usr:ro",
      `${settings}:/etc/containers:ro`,
      ...["subuid", "subgid"].map((one) => `${join(settings, "subordinates")}:/etc/${one}:ro`),
    ]
    const started = Bun.spawn(
      [
        ...docker,
        "run",
        "--rm",
        `--name=${name}`,
        "--network=host",
        ...["seccomp=unconfined", "apparmor=unconfined"].map((one) => `--security-opt=${one}`),
        ...mounts.map((one) => `--volume=${one}`),
        "--workdir=/builds/project",
        ...Object.keys(env).map((one) => `--env=${one}`),
        image,
        "sh",
        "-c",
        input.command,
      ],
      { env: { ...env, PATH: process.env["PATH"] }, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
    )
    let ended: "exit" | "timeout" | "aborted" = "exit"
    const end = (why: typeof ended) => {
      ended = why
      Bun.spawn([...docker, "rm", "--force", name], quiet)
    }
    const late = setTimeout(() => end("timeout"), input.timeoutMs)
    const stay = onAbort(input.signal, () => end("aborted"))
    let output = ""
    const hear = async (stream: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder()
      for await (const bytes of stream) {
        const text = decoder.decode(bytes, { stream: true })
        output += text
        input.onOutput?.(text)
      }
    }
    await Promise.all([hear(started.stdout), hear(started.stderr)])
    const code = await started.exited
    clearTimeout(late)
    stay()
    return { exitCode: ended === "exit" ? code : null, output, truncatedBytes: 0, ended }
  } finally {
    await rm(settings, { recursive: true, force: true })
  }
}

const storage = `
[storage]
driver = "overlay"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
`

/** Nothing comes from outside: what Dockerfiles begin with is in the one registry, under its usual name. */
const registries = (host: string) => `
unqualified-search-registries = ["docker.io"]
[[registry]]
location = "${host}"
insecure = true
[[registry]]
prefix = "docker.io"
location = "${host}"
insecure = true
`
