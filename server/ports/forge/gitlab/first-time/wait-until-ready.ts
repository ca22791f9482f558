import { type AdminApi, field, SetupFailed } from "./admin-api.ts"

const oldest = 17

/**
 * Waits until GitLab answers its API: a new one takes minutes for its first start. Answers its version; throws
 * `SetupFailed` for a token that it does not know, at once, because time does not heal that.
 */
export async function waitUntilReady(
  api: AdminApi,
  { waitMs, pauseMs = 5_000, say }: { waitMs: number; pauseMs?: number; say: (words: string) => void },
): Promise<string> {
  const end = performance.now() + waitMs
  for (let told = false; ; told = true) {
    const answer = await api.ask("GET", "version")
    const version = field(answer?.body, "version", "string")
    if (answer?.status === 200 && version !== null) return checked(version)
    if (answer?.status === 401 || answer?.status === 403) {
      throw new SetupFailed(
        "GitLab does not accept this token. Make a new one for an administrator, with the scope “api”.",
      )
    }
    if (answer !== null && answer.status < 500 && answer.status !== 429) {
      throw new SetupFailed(`What answers at ${api.url} does not look like GitLab (${answer.status}). See whether the address is right.`) // prettier-ignore
    }
    if (performance.now() > end) {
      throw new SetupFailed(`GitLab at ${api.url} is not ready. See what it says: docker compose logs gitlab.`)
    }
    if (!told) say(`Waiting for GitLab at ${api.url}; its first start takes some minutes.`)
    await Bun.sleep(pauseMs)
  }
}

function checked(version: string): string {
  if (Number(/^\d+/.exec(version)?.[0]) >= oldest) return version
  throw new SetupFailed(`This GitLab is version ${version}. Update it to version ${oldest} or newer.`)
}
