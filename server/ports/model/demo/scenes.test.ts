import { afterAll, expect, test } from "bun:test"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Turn } from "../port.ts"
import { answer, type Call } from "./answer.ts"
import { loadScenes } from "./load-scenes.ts"
import { bestMatch } from "./match-score.ts"
import type { FollowUp, Scene } from "./scene.ts"

const templatesDir = join(import.meta.dir, "../../../../templates")
const scenes = loadScenes(templatesDir)
const tools = ["write_file", "edit_file", "finish"].map((name) => ({ name, description: "", input: {} }))
const root = mkdtempSync(join(tmpdir(), "gochat-scenes-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Carries out a call as strictly as it can be read: an edit must match exactly once. */
function carryOut(folder: string, { tool, input }: Call): boolean {
  if (tool === "finish") return true
  const path = join(folder, String(input["path"]))
  if (tool === "write_file") {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, String(input["content"]))
    return true
  }
  const text = readFileSync(path, "utf8")
  const search = String(input["search"])
  if (text.split(search).length !== 2) return false
  writeFileSync(
    path,
    text.replace(search, () => String(input["replace"])),
  )
  return true
}

interface Played {
  said: string
  calls: Call[]
  missed: Call[]
  turns: Turn[]
}

/** Plays one wish to its `finish`, as the loop of a run would. */
function play(folder: string, before: Turn[], wish: string): Played {
  const turns: Turn[] = [...before, { role: "user", blocks: [{ type: "text", text: wish }] }]
  const played: Played = { said: "", calls: [], missed: [], turns }
  for (let step = 0; step < 20; step++) {
    const { text, calls } = answer(scenes, { system: ["You build apps."], tools, turns })
    played.said += text
    const ids = calls.map((_, index) => `${turns.length}-${index}`)
    const done = calls.map((call) => carryOut(folder, call))
    played.calls.push(...calls)
    played.missed.push(...calls.filter((_, index) => !done[index]))
    turns.push({
      role: "assistant",
      blocks: [
        { type: "text", text },
        ...calls.map((call, index) => ({ type: "toolCall" as const, callId: ids[index] ?? "", ...call })),
      ],
    })
    if (calls.length === 0 || calls.some((call) => call.tool === "finish")) return played
    turns.push({
      role: "user",
      blocks: ids.map((callId, index) => ({ type: "toolResult", callId, text: "", failed: !done[index] })),
    })
  }
  throw new Error("the scene does not come to an end")
}

function project(template: Scene["template"] = "static"): string {
  const folder = mkdtempSync(join(root, "project-"))
  cpSync(join(templatesDir, template), folder, { recursive: true })
  return folder
}

const python = Bun.which("python3", { PATH: "/usr/local/bin:/usr/bin:/bin" })
const hasFlask = python !== null && Bun.spawnSync([python, "-c", "import flask"]).exitCode === 0
if (!hasFlask && process.env["CI"] !== "true") console.warn("python3 with Flask is not here: its scenes are not tested")

/** The tests of the app, as its pipeline runs them. */
function checked(folder: string, { template }: Scene): string {
  if (template === "python-flask" && !hasFlask && process.env["CI"] !== "true") return "passed"
  const command =
    template === "static" ? [process.execPath, "test"] : [python ?? "python3", "-m", "unittest", "discover", "tests"]
  const run = Bun.spawnSync(command, {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", PYTHONDONTWRITEBYTECODE: "1" },
  })
  return run.exitCode === 0 ? "passed" : run.stderr.toString()
}

const nextSteps = (played: Played): unknown => played.calls.at(-1)?.input["nextSteps"]

/** Every order in which the follow-ups can be asked for. */
function orders(followUps: readonly FollowUp[]): FollowUp[][] {
  if (followUps.length === 0) return [[]]
  return followUps.flatMap((first) =>
    orders(followUps.filter((other) => other !== first)).map((rest) => [first, ...rest]),
  )
}

const expected = (scene: Scene, done: readonly FollowUp[]): Map<string, string> => {
  const files = new Map(scene.files)
  for (const { path, search, replace } of done.flatMap(({ steps }) => steps).flatMap(({ edit }) => edit)) {
    files.set(path, (files.get(path) ?? "").split(search).join(replace))
  }
  return files
}

test("there are seven scenes, in the order of their list", () => {
  expect(scenes.map((scene) => scene.wish)).toEqual([
    "Inventory tracker",
    "To-do list",
    "Booking page for my studio",
    "Family budget",
    "Quiz for my class",
    "Landing page",
    "Inventory tracker in Python",
  ])
})

for (const scene of scenes) {
  test(`${scene.name}: the build writes every file, and its checks pass`, () => {
    const folder = project(scene.template)
    const built = play(folder, [], scene.wish)
    for (const [path, content] of scene.files) expect(readFileSync(join(folder, path), "utf8")).toBe(content)
    expect(nextSteps(built)).toEqual(scene.followUps.map((followUp) => followUp.wish))
    expect(checked(folder, scene)).toBe("passed")
  }, 30_000)

  for (const order of orders(scene.followUps)) {
    test(`${scene.name}: ${order.map(({ wish }) => wish).join(", then ")}`, () => {
      const folder = project(scene.template)
      let played = play(folder, [], scene.wish)
      for (const [index, followUp] of order.entries()) {
        played = play(folder, played.turns, followUp.wish)
        expect(played.missed).toEqual([])
        expect(played.calls.filter(({ tool }) => tool === "write_file")).toEqual([])
        expect(nextSteps(played)).toEqual(
          scene.followUps.filter((other) => !order.slice(0, index + 1).includes(other)).map(({ wish }) => wish),
        )
      }
      for (const [path, content] of expected(scene, order)) {
        expect(readFileSync(join(folder, path), "utf8")).toBe(content)
      }
      expect(checked(folder, scene)).toBe("passed")
    }, 30_000)
  }

  for (const followUp of scene.followUps) {
    test(`${scene.name}: ${followUp.wish}, asked for twice, changes nothing the second time`, () => {
      const folder = project(scene.template)
      const first = play(folder, play(folder, [], scene.wish).turns, followUp.wish)
      const again = play(folder, first.turns, followUp.wish)
      // No edit may fit a second time, or the change would be in there twice.
      expect(again.missed).toHaveLength(followUp.steps.flatMap((step) => step.edit).length)
      for (const [path, content] of expected(scene, [followUp])) {
        expect(readFileSync(join(folder, path), "utf8")).toBe(content)
      }
    })

    test(`${scene.name}: ${followUp.wish}, when its edits miss, writes the whole files`, () => {
      const folder = project(scene.template)
      const { turns } = play(folder, [], scene.wish)
      const paths = new Set(followUp.steps.flatMap((step) => step.edit).map((edit) => edit.path))
      for (const path of paths) writeFileSync(join(folder, path), "somebody changed this")
      const played = play(folder, turns, followUp.wish)
      expect(played.calls.filter(({ tool }) => tool === "write_file").map(({ input }) => input["path"])).toEqual([
        ...paths,
      ])
      for (const [path, content] of expected(scene, [followUp])) {
        expect(readFileSync(join(folder, path), "utf8")).toBe(content)
      }
    })
  }

  test(`${scene.name}: nothing from elsewhere, nothing unescaped, nothing inline`, () => {
    for (const [path, content] of expected(scene, scene.followUps)) {
      expect(content, path).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write|localStorage/)
      if (path.endsWith(".html")) expect(content, path).not.toMatch(/\son\w+=|<script>|\sstyle="/)
      expect(content.replaceAll("http://www.w3.org/2000/svg", ""), path).not.toMatch(
        /https?:\/\/|@import|url\(\s*["']?\/\//,
      )
      expect(content, path).not.toMatch(/\p{Extended_Pictographic}/u)
    }
  })
}

test.each([
  ["Build me an inventory tracker for our workshop", "inventory"],
  ["Build me an inventory tracker in Python", "inventory-python"],
  ["I need a stock list for our warehouse, with Flask please", "inventory-python"],
  ["A quiz in Python for my class", "quiz"],
  ["Write something in Python", undefined],
])("%s means %s", (wish, name) => {
  expect(bestMatch(wish, scenes)?.name).toBe(name)
})

test("the Python answer shows its central part as it stands in the file", () => {
  const scene = scenes.find(({ name }) => name === "inventory-python")
  const { said } = play(project("python-flask"), [], "Inventory tracker in Python")
  expect(scene?.files.get("inventory.py")).toContain(/```python\n(.*?)```/s.exec(said)?.[1] ?? "no code")
})

test("the inventory answer shows its central part as it stands in the file", () => {
  const inventory = scenes.find((scene) => scene.name === "inventory")
  const { said } = play(project(), [], "Build me an inventory tracker for our workshop. I need to see what runs low.")
  const code = /```js\n(.*?)```/s.exec(said)?.[1] ?? "no code"
  expect(inventory?.files.get("logic.js")).toContain(code)
})
