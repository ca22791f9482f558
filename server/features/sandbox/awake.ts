import type { Services } from "../../context.ts"
import type { AwakeApp } from "./sandboxes.ts"
import { type OwnedProject, ownedProjects } from "./store.ts"

/** Every app that is awake with the project it belongs to, last used first. Who may see it is the caller's to check. */
export async function awakeApps({
  db,
  sandboxes,
}: Pick<Services, "db" | "sandboxes">): Promise<{ app: AwakeApp; project: OwnedProject }[]> {
  const awake = sandboxes.running()
  const ids = new Set(awake.map(({ target }) => target.projectId))
  const known = new Map((await ownedProjects(db, [...ids])).map((project) => [project.id, project]))
  return awake.flatMap((app) => {
    const project = known.get(app.target.projectId)
    return project === undefined ? [] : [{ app, project }]
  })
}
