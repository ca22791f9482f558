import type { Services } from "../../context.ts"
import { projectBySlug } from "../../features/project/by-slug.ts"
import type { ProjectRow } from "../../features/project/access.ts"

/** Forgotten at the next `project.changed`, and anyway after this. */
const believedMs = 2_000

/** Projects by their slug, so that an app's hundred files do not ask the database a hundred times. */
export class Projects {
  readonly #known = new Map<string, { row: Promise<ProjectRow | null>; until: number }>()

  constructor(private readonly services: Services) {
    services.hub.onProjectChanged(() => this.#known.clear())
  }

  bySlug(slug: string): Promise<ProjectRow | null> {
    const known = this.#known.get(slug)
    if (known !== undefined && known.until > Date.now()) return known.row
    if (this.#known.size > 1000) this.#known.clear()
    const row = projectBySlug(this.services, slug)
    this.#known.set(slug, { row, until: Date.now() + believedMs })
    row.catch(() => this.#known.delete(slug))
    return row
  }
}
