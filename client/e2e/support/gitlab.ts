import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { bunPath } from "./bun-path.ts"
import type { Act, ActInput } from "./gitlab-double.ts"

/** A GitLab, and what somebody else does there. */
export interface GitLab {
  readonly url: string
  /** What an operator sets for a server that works with it. */
  readonly env: Record<string, string>
  act<A extends Act>(name: A, ...input: ActInput<A> extends undefined ? [] : [ActInput<A>]): Promise<void>
  stop(): Promise<void>
}

export async function openGitLab(): Promise<GitLab> {
  const file = join(import.meta.dirname, "gitlab-double.ts")
  const child = spawn(bunPath(), [file], { stdio: ["pipe", "pipe", "inherit"] })
  const [line] = (await once(createInterface(child.stdout), "line")) as [string]
  const { url, token, group, control } = JSON.parse(line) as Record<"url" | "token" | "group" | "control", string>
  return {
    url,
    env: { GITLAB_URL: url, GITLAB_TOKEN: token, GITLAB_GROUP: group },
    act: async (name, ...[input]) => {
      const answer = await fetch(`${control}/${name}`, { method: "POST", body: JSON.stringify(input ?? null) })
      if (!answer.ok) throw new Error(`the double answered ${answer.status}: ${await answer.text()}`)
    },
    stop: async () => {
      const gone = once(child, "exit")
      child.stdin.end()
      await gone
    },
  }
}
