import type { Conversation } from "./read-turns.ts"
import { bestMatch } from "./match-score.ts"
import type { FollowUp, Scene, Step } from "./scene.ts"

/** What the demo is going to do about a wish. */
export interface Plan {
  scene: Scene
  steps: readonly Step[]
  /** The project's files when all steps are done: what a missed edit is replaced with. */
  after: ReadonlyMap<string, string>
  /** Of these files, what the project does not seem to have. */
  missing: readonly string[]
  /** Follow-ups that are still open then. */
  open: readonly FollowUp[]
}

export interface Choice {
  /** The scene that the project was built from, if it is known. */
  project: Scene | null
  /** Another app that was asked for in this project: its files would stand between those of the first. */
  other: Scene | null
  /** A change that the project has already. */
  already: FollowUp | null
  /** Null when there is nothing to do, for example for a wish that the demo does not know. */
  plan: Plan | null
}

/** Chooses by the last wish, within the scene of the project when there is one. `about` is what the system prompt says of the project. */
export function choosePlan(scenes: readonly Scene[], { wish, earlier }: Conversation, about: string): Choice {
  let project =
    scenes.find((scene) => about.includes(`<title>${scene.title}</title>`)) ??
    scenes.find((scene) => about.includes(scene.title)) ??
    null
  let done: FollowUp[] = []
  for (const before of earlier) {
    const next = choose(scenes, project, before)
    if (next === null || (project !== null && next.scene !== project)) continue
    done = next.followUp ? [...done, next.followUp] : []
    project = next.scene
  }
  const nothing = { project, other: null, already: null, plan: null }
  const now = choose(scenes, project, wish)
  if (now === null) return nothing
  const { scene, followUp } = now
  if (project !== null && scene !== project) return { ...nothing, other: scene }
  if (followUp !== null && isThere(followUp, about)) return { ...nothing, already: followUp }
  const before = scene.followUps.filter((one) => isThere(one, about) ?? done.includes(one))
  const all = followUp ? new Set([...before, followUp]) : new Set<FollowUp>()
  const plan: Plan = {
    scene,
    steps: followUp ? followUp.steps : scene.build,
    after: applyAll(scene, all),
    missing: missingFiles(scene, about),
    open: scene.followUps.filter((other) => !all.has(other)),
  }
  return { ...nothing, project: scene, plan }
}

function choose(
  scenes: readonly Scene[],
  project: Scene | null,
  wish: string,
): { scene: Scene; followUp: FollowUp | null } | null {
  if (project !== null) {
    const followUp = bestMatch(wish, project.followUps)
    if (followUp !== null) return { scene: project, followUp }
    if (!asksForAnApp(wish) && !scenes.some((scene) => scene.wish === wish.trim())) return null
  }
  const scene = bestMatch(wish, scenes)
  return scene && { scene, followUp: null }
}

/** Whether the files, as far as they are shown, hold a change; a person may have gone back to a version without it. */
function isThere(followUp: FollowUp, about: string): boolean | null {
  const edits = editsOf(followUp)
  if (edits.some(({ search }) => about.includes(search))) return false
  return edits.some(({ replace }) => about.includes(replace)) ? true : null
}

/** After a first answer that was stopped, the project may still be the bare template. */
function missingFiles(scene: Scene, about: string): string[] {
  if (about === "") return []
  const isTheApp = about.includes(`<title>${scene.title}</title>`)
  return [...scene.files.keys()].filter((path) => !isTheApp || !about.includes(path))
}

function applyAll(scene: Scene, followUps: ReadonlySet<FollowUp>): ReadonlyMap<string, string> {
  const files = new Map(scene.files)
  for (const { path, search, replace } of followUps.values().flatMap(editsOf)) {
    files.set(
      path,
      (files.get(path) ?? "").replace(search, () => replace),
    )
  }
  return files
}

const editsOf = (followUp: FollowUp) => followUp.steps.flatMap((step) => step.edit)

/** Words such as "budget" also occur in wishes for a change: another app only when it is asked for as a whole. */
const asksForAnApp = (wish: string): boolean =>
  /^\W*(please\s+)?(build|create|make (me|us)|i (want|need) an?)\b/i.test(wish) &&
  !/\b(add|field|column|button|section|this|it)\b/i.test(wish)
