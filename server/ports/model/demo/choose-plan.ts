import type { Conversation } from "./read-turns.ts"
import { bestMatch } from "./match-score.ts"
import type { FollowUp, Scene, Step } from "./scene.ts"

/** What the demo is going to do about a wish. */
export interface Plan {
  scene: Scene
  steps: readonly Step[]
  /** The project's files when all steps are done: what a missed edit is replaced with. */
  after: ReadonlyMap<string, string>
  /** Follow-ups that are still open then. */
  open: readonly FollowUp[]
}

export interface Choice {
  /** The scene that the project was built from, if it is known. */
  project: Scene | null
  /** Null for a wish that the demo does not know. */
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
    if (next === null) continue
    done = next.followUp ? [...done, next.followUp] : []
    project = next.scene
  }
  const now = choose(scenes, project, wish)
  if (now === null) return { project, plan: null }
  const { scene, followUp } = now
  const all = followUp ? [...done, followUp] : []
  return {
    project: scene,
    plan: {
      scene,
      steps: followUp ? followUp.steps : scene.build,
      after: applyAll(scene, all),
      open: scene.followUps.filter((other) => !all.includes(other)),
    },
  }
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

function applyAll(scene: Scene, followUps: readonly FollowUp[]): ReadonlyMap<string, string> {
  const files = new Map(scene.files)
  for (const { path, search, replace } of new Set(followUps).values().flatMap(editsOf)) {
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
