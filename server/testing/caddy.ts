import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "../lib/free-port.ts"
import { until } from "./until.ts"

/** A real Caddy with the project's own Caddyfile and certificates of its own authority. */
export interface TestCaddy {
  /** The authority, as PEM. */
  ca(): string
  output(): string
  stop(): Promise<void>
}

const root = join(import.meta.dir, "../..")

/** Why there is no Caddy to test with; null when there is. A pipeline is told null, so that there it fails. */
export function caddyMissing(): string | null {
  if (Bun.which("caddy") !== null || process.env["CI"] === "true") return null
  return "caddy is not installed (Debian: apt-get install caddy)"
}

/** What `caddy validate` says of the Caddyfile with these settings; throws when it refuses. */
export async function validateCaddyfile(env: Record<string, string>): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), "gochat-caddy-"))
  try {
    const child = Bun.spawn(["caddy", "validate", "--config", join(root, "Caddyfile"), "--adapter", "caddyfile"], {
      env: { PATH: process.env["PATH"], HOME: scratch, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    const said = (await new Response(child.stdout).text()) + (await new Response(child.stderr).text())
    if ((await child.exited) !== 0) throw new Error(said)
    return said
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Starts it in front of `upstream` for `name` and the names below `previewDomain`. */
export async function startCaddy(input: {
  name: string
  previewDomain: string
  upstream: string
  /** A GitLab behind it, too. */
  gitlab?: { name: string; upstream: string }
  httpPort: number
  httpsPort: number
}): Promise<TestCaddy> {
  const scratch = mkdtempSync(join(tmpdir(), "gochat-caddy-"))
  const child = Bun.spawn(["caddy", "run", "--config", join(root, "Caddyfile"), "--adapter", "caddyfile"], {
    env: {
      PATH: process.env["PATH"],
      HOME: scratch,
      GO_CHAT_NAME: input.name,
      PREVIEW_DOMAIN: input.previewDomain,
      GO_CHAT_UPSTREAM: input.upstream,
      GO_CHAT_TLS: "internal",
      PREVIEW_TLS: "internal",
      ...(input.gitlab === undefined
        ? {}
        : { GITLAB_NAME: input.gitlab.name, GITLAB_UPSTREAM: input.gitlab.upstream, GITLAB_TLS: "internal" }),
      HTTP_PORT: String(input.httpPort),
      HTTPS_PORT: String(input.httpsPort),
    },
    stdio: ["ignore", "ignore", "pipe"],
  })
  let output = ""
  void (async () => {
    for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) output += piece
  })()
  const stop = async () => {
    child.kill("SIGTERM")
    const late = setTimeout(() => child.kill("SIGKILL"), 5_000)
    await child.exited
    clearTimeout(late)
    rmSync(scratch, { recursive: true, force: true })
  }
  const hasCertificate = (name: string) =>
    output.split("\n").some((line) => line.includes("certificate obtained successfully") && line.includes(`"${name}"`))
  const names = [input.name, ...(input.gitlab === undefined ? [] : [input.gitlab.name])]
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`Caddy ended with ${child.exitCode}:\n${output}`)
      const answer = await fetch(`http://127.0.0.1:${input.httpPort}/`, {
        headers: { host: input.name },
        redirect: "manual",
      }).catch(() => null)
      return answer !== null && names.every(hasCertificate)
    })
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ca: () => readFileSync(join(scratch, ".local/share/caddy/pki/authorities/local/root.crt"), "utf8"),
    output: () => output,
    stop,
  }
}

/** Two free ports that differ. */
export async function twoPorts(): Promise<[number, number]> {
  const one = await freePort()
  let two = await freePort()
  while (two === one) two = await freePort()
  return [one, two]
}
