import { Lines } from "../../../lib/lines.ts"
import type { RemoteLink, RemoteLinks } from "../port.ts"

/** What is remembered of projects, changed by one at a time. */
export class Links {
  readonly #lines = new Lines()

  constructor(readonly store: RemoteLinks) {}

  find(projectId: string): Promise<RemoteLink | null> {
    return this.store.find(projectId)
  }

  /** Changes what is remembered of this very project at GitLab; null when it is another one by now, or gone. */
  change(
    projectId: string,
    remoteId: number,
    change: (link: RemoteLink) => Partial<RemoteLink>,
  ): Promise<RemoteLink | null> {
    return this.#lines.wait(projectId, async () => {
      const link = await this.store.find(projectId)
      if (link === null || link.remoteId !== remoteId) return null
      const changed = { ...link, ...change(link) }
      if (Bun.deepEquals(link, changed)) return link
      return (await this.store.save(projectId, changed)) ? changed : null
    })
  }

  /** Remembers another one in the place of what was known. False when the project was removed meanwhile. */
  replace(projectId: string, link: RemoteLink): Promise<boolean> {
    return this.#lines.wait(projectId, () => this.store.save(projectId, link))
  }
}
