import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pino from "pino"
import { createGitLabForge, type GitLabForgeOptions } from "../../ports/forge/gitlab/create-gitlab-forge.ts"
import type { RemoteLink, RemoteLinks } from "../../ports/forge/port.ts"
import { createGitRepository } from "../../ports/repository/git/create-git-repository.ts"
import { ForgeRig } from "../forge-rig.ts"
import type { GitLabDouble } from "./double.ts"

/** What is remembered of projects, as the database keeps it, but for projects that a test names. */
export class MemoryLinks implements RemoteLinks {
  readonly links = new Map<string, RemoteLink>()
  readonly leftovers = new Set<number>()
  /** Projects that were removed here. */
  readonly gone = new Set<string>()

  find = (projectId: string): Promise<RemoteLink | null> => Promise.resolve(this.links.get(projectId) ?? null)

  save = (projectId: string, link: RemoteLink): Promise<boolean> => {
    if (this.gone.has(projectId)) return Promise.resolve(false)
    this.links.set(projectId, link)
    return Promise.resolve(true)
  }

  describe: RemoteLinks["describe"] = (projectId) => {
    const words = {
      slug: `shop-${projectId.slice(-6)}`,
      title: "Shop",
      description: "Sells.",
      address: "http://here/p",
    }
    return Promise.resolve(this.gone.has(projectId) ? null : words)
  }

  remove = async (remoteId: number): Promise<void> => void this.leftovers.add(remoteId)

  removed = async (remoteId: number): Promise<void> => void this.leftovers.delete(remoteId)
}

const secretKey = "0123456789abcdef0123456789abcdef"
const timing = {
  patience: { firstMs: 10, longestMs: 60 },
  follow: { firstMs: 15, longestMs: 60, leastMs: 2, cancelMs: 5_000 },
}

export interface GitLabRig extends AsyncDisposable {
  rig: ForgeRig
  links: MemoryLinks
  /** Another one over the same repositories and memory, as after a restart. */
  again(): void
  /** The project at GitLab. */
  remote(projectId: string): RemoteLink
}

/** The adapter beside a GitLab, quick enough for tests. */
export async function gitLabRig(gitlab: GitLabDouble, more: Partial<GitLabForgeOptions> = {}): Promise<GitLabRig> {
  const folder = await mkdtemp(join(tmpdir(), "gitlab-rig-"))
  const repository = createGitRepository({ reposDir: join(folder, "repos") })
  const links = new MemoryLinks()
  const settings = { url: gitlab.url, token: gitlab.token, group: gitlab.group.fullPath, webhookSecret: null }
  const make = () =>
    createGitLabForge({
      settings,
      publicUrl: "http://127.0.0.1:9",
      secretKey,
      repository,
      links,
      log: pino({ enabled: false }),
      ...more,
      client: { perMinute: 100_000, pauseMs: 5, timeoutMs: 2_000, retries: 1, ...more.client },
      timing: {
        patience: { ...timing.patience, ...more.timing?.patience },
        follow: { ...timing.follow, ...more.timing?.follow },
      },
    })
  const rig = new ForgeRig(make(), repository)
  return {
    rig,
    links,
    again: () => void (rig.forge = make()),
    remote(projectId) {
      const link = links.links.get(projectId)
      if (link === undefined) throw new Error("there is no project at GitLab")
      return link
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
