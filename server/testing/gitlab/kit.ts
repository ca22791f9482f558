import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Gitlab } from "@gitbeaker/rest"
import { gitEnvironment } from "./git/git.ts"
import { type Receiver, startReceiver } from "./receiver.ts"
import type { GitLabDouble } from "./double.ts"
import { startGitLab } from "./start-gitlab.ts"
import type { Settings } from "./world.ts"

// oxlint-disable-next-line typescript/no-explicit-any -- answers of every shape
type Any = any

/** What tests of this GitLab start, and what ends it all. */
export class Kit {
  readonly #opened: (() => Promise<void>)[] = []

  async gitlab(options: Partial<Settings> = {}): Promise<GitLabDouble> {
    const gitlab = await startGitLab(options)
    this.#opened.push(() => gitlab.close())
    return gitlab
  }

  async receiver(): Promise<Receiver> {
    const receiver = await startReceiver()
    this.#opened.push(() => receiver.close())
    return receiver
  }

  async folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), "gitlab-test-"))
    this.#opened.push(() => rm(path, { recursive: true, force: true }))
    return path
  }

  async close(): Promise<void> {
    for (const close of this.#opened.splice(0).toReversed()) await close()
  }
}

export const client = (gitlab: GitLabDouble, token = gitlab.token) =>
  new Gitlab({ host: gitlab.url, oauthToken: token, queryTimeout: 5000 })

/** Any call of the API; `body` is JSON where the answer is. */
export async function call(
  gitlab: GitLabDouble,
  line: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${gitlab.token}` },
): Promise<{ status: number; headers: Headers; body: Any }> {
  const [method = "", path = ""] = line.split(" ")
  const response = await fetch(`${gitlab.url}/api/v4${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = response.headers.get("content-type")?.includes("json") === true
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
}

/** git as a person has it. */
export async function git(cwd: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const user = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "protocol.version=2"]
  const env = { ...gitEnvironment, GIT_TERMINAL_PROMPT: "0" }
  const process = Bun.spawn(["git", ...user, ...args], { cwd, env, stdout: "pipe", stderr: "pipe" })
  const [out, words] = await Promise.all([new Response(process.stdout).text(), new Response(process.stderr).text()])
  return { code: await process.exited, said: out + words }
}

/** A project's address with the token in it. */
export const withToken = (gitlab: GitLabDouble, path: string, token = gitlab.token): string =>
  `${gitlab.url.replace("http://", `http://oauth2:${token}@`)}/go-chat/${path}.git`

/** Two stages: the second reads what the first left. */
export const greenChecks = `
stages: [build, test]
make:
  stage: build
  script: [mkdir out, echo hello > out/a.txt, echo made]
  artifacts: { paths: [out] }
check:
  stage: test
  script: [cat out/a.txt]
`
