import { pushBody } from "../hooks/push-body.ts"
import { type Project, type World, zeroSha } from "../world.ts"
import { pointHead, writeProtections } from "./create-repo.ts"
import { gitLine, repoOf } from "./git.ts"

export interface RefChange {
  branch: string
  before: string
  after: string
}

/** A push that touches more branches fires no hook. */
const hookBranches = 3

/** What happens behind a push's back: default branch, protection, hooks, pipelines. */
export async function afterPush(world: World, project: Project, changes: RefChange[]): Promise<void> {
  if (changes.length === 0) return
  project.updatedAt = new Date()
  await protectFirst(world, project, changes)
  world.later(async () => {
    if (changes.length <= hookBranches) {
      for (const change of changes) {
        world.center.emit(project.id, "push", () => pushBody(world, project, change), change.branch)
      }
    }
    for (const { branch, before, after } of changes) {
      if (after === zeroSha) continue
      const message = await gitLine(repoOf(world, project), ["log", "-1", "--format=%B", after])
      const skipped = /\[(skip ci|ci skip)\]/i.test(message)
      await world.engine.create(project, { sha: after, before, ref: branch, source: "push", skipped, variables: [] })
    }
  }, world.settings.pipelineDelayMs)
}

/** The first branch becomes the default one, which is protected when it first exists. */
async function protectFirst(world: World, project: Project, changes: RefChange[]): Promise<void> {
  const refs = await gitLine(repoOf(world, project), ["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"])
  const branches = refs.split("\n")
  const first = changes.find(({ before }) => before === zeroSha)?.branch
  if (first !== undefined && !branches.includes(project.defaultBranch)) {
    project.defaultBranch = first
    await pointHead(world, project)
  }
  const made = changes.some(({ branch, before }) => branch === project.defaultBranch && before === zeroSha)
  if (!made || project.protections.some(({ name }) => name === project.defaultBranch)) return
  project.protections.push({ name: project.defaultBranch, allowForcePush: false, pushLevel: 40, mergeLevel: 40 })
  await writeProtections(world, project)
}
