import type { ModelRequest } from "../port.ts"
import { choosePlan, type Plan } from "./choose-plan.ts"
import { readTurns } from "./read-turns.ts"
import type { FollowUp, Scene, Step } from "./scene.ts"

export interface Call {
  tool: string
  input: { [name: string]: unknown }
}

export interface Answer {
  text: string
  calls: readonly Call[]
}

/** What the demo says and does next: a pure function of the request. */
export function answer(scenes: readonly Scene[], request: Pick<ModelRequest, "system" | "turns" | "tools">): Answer {
  const conversation = readTurns(request.turns)
  const about = request.system.slice(1).join("\n")
  const template = /started from the template "([^"]+)"/.exec(about)?.[1] ?? null
  const { project, other, already, plan } = choosePlan(scenesFor(scenes, template), conversation, about)
  if (already !== null) return { text: alreadyThere(already), calls: [] }
  if (other !== null) return { text: otherApp(other), calls: [] }
  if (plan === null) return { text: project ? unknownChange(project) : unknownWish(scenes), calls: [] }
  if (template !== null && template !== plan.scene.template) return { text: otherTemplate, calls: [] }
  const next = nextStep(plan, conversation.results)
  const known = new Set(request.tools.map((tool) => tool.name))
  return { text: next.text, calls: next.calls.filter((call) => known.has(call.tool)) }
}

/** In a project that was started for Python nobody has to say "Python" again: its own scenes come first there. */
function scenesFor(scenes: readonly Scene[], template: string | null): readonly Scene[] {
  const own = scenes.filter((scene) => scene.template === template && scene.only.length > 0)
  if (own.length === 0) return scenes
  return [...own.map((scene) => ({ ...scene, only: [] })), ...scenes.filter((scene) => !own.includes(scene))]
}

/** The step after so many tool results. Edits that missed are made good by writing the files whole. */
function nextStep(plan: Plan, results: readonly { failed: boolean }[]): Answer {
  let rest = results
  const lost: string[] = []
  for (const step of plan.steps) {
    const calls = callsOf(step, plan)
    if (rest.length < calls.length) return { text: wordsOf(step, lost), calls: calls.slice(rest.length) }
    const missed = pathsOf(calls.filter((call, index) => call.tool === "edit_file" && rest[index]?.failed))
    lost.push(...pathsOf(calls.filter((call, index) => call.tool === "write_file" && rest[index]?.failed)))
    rest = rest.slice(calls.length)
    const broken = new Set(missed.length === 0 ? [] : [...missed, ...plan.missing])
    const repairs = [...broken].map((path) => writeCall(path, plan.after))
    if (rest.length < repairs.length) return { text: repairWords, calls: repairs.slice(rest.length) }
    lost.push(...pathsOf(repairs.filter((_, index) => rest[index]?.failed)))
    rest = rest.slice(repairs.length)
  }
  return { text: "", calls: [] }
}

function callsOf(step: Step, plan: Plan): Call[] {
  const calls: Call[] = [
    ...step.write.map((path) => writeCall(path, plan.after)),
    ...step.edit.map((input) => ({ tool: "edit_file", input })),
  ]
  if (step.finish === undefined) return calls
  return [...calls, { tool: "finish", input: { summary: step.finish, nextSteps: plan.open.map(({ wish }) => wish) } }]
}

const writeCall = (path: string, files: ReadonlyMap<string, string>): Call => ({
  tool: "write_file",
  input: { path, content: files.get(path) ?? "" },
})

const pathsOf = (calls: readonly Call[]): string[] => calls.map((call) => String(call.input["path"]))

const repairWords = "The files have changed since I saw them, so I am writing them again as a whole."

function wordsOf(step: Step, lost: readonly string[]): string {
  if (step.finish !== undefined && lost.length > 0)
    return `I could not write ${lost.join(" and ")}, so the app may not work yet. Please try again.`
  return step.say.trim()
}

const otherTemplate =
  "I am the demo, and this example is made for another template than the one this project was started from. Start a new project without choosing one and I make it there."

const otherApp = (scene: Scene): string =>
  `This project has its app already, and I am the demo: I build one app a project. Start a new project with “${scene.wish}” and I make it there.`

const alreadyThere = ({ wish }: FollowUp): string =>
  `Your app has that already: “${wish}”. If you do not see it, open the preview again, or go back to a version without it and ask once more.`

const unknownWish = (scenes: readonly Scene[]): string =>
  `I am the demo: my answers are scripted examples, and I have none for that. This is what I can build for you:\n\n${scenes
    .map((scene) => `- **${scene.wish}**: ${scene.about}`)
    .join("\n")}\n\nAsk for one of these, or add a key to talk to a real model.`

const unknownChange = (scene: Scene): string =>
  `I am the demo: my answers are scripted examples, and I do not know that change. In this project I can do the following:\n\n${scene.followUps
    .map((followUp) => `- **${followUp.wish}**`)
    .join("\n")}\n\nAsk for one of these, or add a key to talk to a real model.`
