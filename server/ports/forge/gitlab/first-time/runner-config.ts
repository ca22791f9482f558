/**
 * `config.toml` of a runner whose jobs are containers. Jobs are what people asked an AI for: they get no engine, no
 * folder of this machine and no network but the engine's own. The one thing they get more than usual is what building
 * images inside of them needs: `mount` and namespaces of their own, which the engine's profiles forbid.
 */
export function runnerConfig(url: string, token: string): string {
  return `concurrent = 2
check_interval = 3

[[runners]]
  name = "go-chat"
  url = ${JSON.stringify(url)}
  token = ${JSON.stringify(token)}
  executor = "docker"
  [runners.docker]
    image = "alpine:3"
    privileged = false
    security_opt = ["seccomp=unconfined", "apparmor=unconfined"]
    memory = "2g"
    cpus = "1"
    pull_policy = ["if-not-present"]
    volumes = ["/cache"]
`
}

/** The token in such a file. */
export const tokenIn = (config: string): string | null => /^\s*token\s*=\s*"([^"]+)"/m.exec(config)?.[1] ?? null

/** The command that sets up a runner elsewhere in the same way. */
export const registerCommand = (url: string, token: string): string =>
  [
    "gitlab-runner register --non-interactive",
    `--url ${url}`,
    `--token ${token}`,
    "--executor docker --docker-image alpine:3",
    "--docker-security-opt seccomp=unconfined --docker-security-opt apparmor=unconfined",
  ].join(" \\\n  ")
