import { expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { ModelEvent, ModelRequest, Turn } from "../port.ts"
import { createDemoModel } from "./create-demo-model.ts"

const templatesDir = join(import.meta.dir, "../../../../templates")
const model = createDemoModel({ templatesDir, pace: 0 })
const never = new AbortController().signal
const tools = ["write_file", "edit_file", "finish"].map((name) => ({ name, description: "", input: {} }))

const said = (role: Turn["role"], text: string): Turn => ({ role, blocks: [{ type: "text", text }] })
const asking = (...wishes: string[]): ModelRequest => ({
  model: "demo",
  system: ["You build apps: budgets, quizzes, to-do lists."],
  tools,
  turns: wishes.flatMap((wish, index) =>
    index === 0 ? [said("user", wish)] : [said("assistant", "Done."), said("user", wish)],
  ),
  maxTokens: 1_000,
})

async function answered(request: ModelRequest, of = model): Promise<ModelEvent[]> {
  const events: ModelEvent[] = []
  for await (const event of of.stream(request, never)) events.push(event)
  return events
}

const textOf = (events: readonly ModelEvent[]) =>
  events.map((event) => (event.type === "text" ? event.text : "")).join("")
const callsOf = (events: readonly ModelEvent[]) =>
  events.flatMap((event) => (event.type === "toolCall" ? [[event.tool, (event.input as { path?: string }).path]] : []))

test("an answer comes in pieces that add up, with the calls after the words", async () => {
  const events = await answered(asking("Inventory tracker"))
  const texts = events.filter((event) => event.type === "text")
  expect(texts.length).toBeGreaterThan(10)
  expect(textOf(events)).toStartWith("I am making a tracker for your parts:")
  for (const event of events) {
    if (event.type !== "toolCall") continue
    const pieces = events.flatMap((one) => (one.type === "toolInput" && one.callId === event.callId ? [one.json] : []))
    expect(JSON.parse(pieces.join(""))).toEqual(event.input)
    if ((event.input as { path: string }).path === "style.css") expect(pieces.length).toBeGreaterThan(10)
  }
  const ids = events.flatMap((event) => (event.type === "toolStart" ? [event.callId] : []))
  expect(new Set(ids).size).toBe(ids.length)
  expect(events.at(-2)?.type).toBe("usage")
  expect(events.at(-1)).toEqual({ type: "stop", reason: "tools" })
})

test("usage is about four characters a token", async () => {
  const events = await answered(asking("Inventory tracker"))
  const usage = events.flatMap((event) => (event.type === "usage" ? [event.usage] : []))[0]
  const written = textOf(events).length + JSON.stringify(events.filter((event) => event.type === "toolCall")).length
  expect(usage?.output).toBeGreaterThan(written / 5)
  expect(usage?.output).toBeLessThan(written / 3)
  expect(usage?.input).toBeGreaterThan(50)
})

test.each([
  ["Build me an inventory tracker for our workshop. I need to see what runs low.", "Workshop inventory"],
  ["inventory tracker", "Workshop inventory"],
  ["Please make a simple to-do list", "To-do list"],
  ["Booking page for my studio", "Studio bookings"],
  ["People should be able to book a class in my yoga studio", "Studio bookings"],
  ["Family budget", "Family budget"],
  ["I want to track income and expenses", "Family budget"],
  ["Quiz for my class", "Class quiz"],
  ["A landing page for my book", "Lark Bread Club"],
])("%s is known", async (wish, title) => {
  const { tools: _tools, ...short } = asking(wish)
  expect(await model.complete(short, never)).toBe(title)
  expect(callsOf(await answered(asking(wish)))[0]).toEqual(["write_file", "index.html"])
})

test("the scenes are wishes in words, and each of them is known", async () => {
  expect(model.scenes).toHaveLength(7)
  for (const wish of model.scenes) expect(callsOf(await answered(asking(wish)))).not.toEqual([])
})

test("an unknown wish gets an honest sentence and the list, and changes nothing", async () => {
  const events = await answered(asking("Build me a book and stock market tracker"))
  expect(textOf(events)).toContain("I am the demo")
  for (const scene of model.scenes) expect(textOf(events)).toContain(`**${scene}**`)
  expect(callsOf(events)).toEqual([])
  expect(events.at(-1)).toEqual({ type: "stop", reason: "end" })
  const { tools: _tools, ...short } = asking("Track the hours of my whole chess team please")
  expect(await model.complete(short, never)).toBe("Track the hours of my whole")
})

test("an unknown change is told as such, with the changes that the project knows", async () => {
  for (const wish of [
    "Make everything pink",
    "I need a budget column",
    "Make the buttons bigger",
    "Fix it: the test failed",
  ]) {
    const events = await answered(asking("Inventory tracker", wish))
    expect(textOf(events)).toContain("I do not know that change")
    expect(textOf(events)).toContain("**Add a search field**")
    expect(callsOf(events)).toEqual([])
  }
})

test("a change is found within the project, also when only the system prompt still knows it", async () => {
  const told = await answered(asking("Inventory tracker", "Please add a search field"))
  expect(callsOf(told)[0]).toEqual(["edit_file", "index.html"])
  const alone = asking("Add a search field")
  const about = "# The project: My parts\n## index.html\n<title>Workshop inventory</title>"
  expect(callsOf(await answered({ ...alone, system: [...alone.system, about] }))[0]).toEqual([
    "edit_file",
    "index.html",
  ])
  expect(callsOf(await answered(alone))).toEqual([])
})

const filesOf = (scene: string, change?: (text: string) => string) => {
  const folder = join(templatesDir, "demo", scene, "files")
  const texts = ["index.html", "app.js", "style.css", "logic.js"].map((path) =>
    readFileSync(join(folder, path), "utf8"),
  )
  return texts.map((text) => (change ? change(text) : text)).join("\n")
}

test("a change that the files hold already is told as such, and asked for anew when they do not", async () => {
  const bigger = (text: string) => text.replace(/h1 \{\n {2}font-size: 26px;\n {2}line-height: 1.2;\n.*\n\}/, bigTitle)
  const bigTitle = "h1 {\n  font-size: clamp(32px, 5vw, 48px);\n  line-height: 1.1;\n  letter-spacing: -0.025em;\n}"
  const wish = asking("Inventory tracker", "Make the title bigger", "Make the title bigger")
  const there = await answered({ ...wish, system: [...wish.system, filesOf("inventory", bigger)] })
  expect(textOf(there)).toContain("has that already")
  expect(callsOf(there)).toEqual([])
  const gone = await answered({ ...wish, system: [...wish.system, filesOf("inventory")] })
  expect(callsOf(gone)[0]).toEqual(["edit_file", "style.css"])
})

test("after going back to an older version its next steps are offered again", async () => {
  const wish = asking("Inventory tracker", "Add a search field", "Make the title bigger")
  const turns: Turn[] = [
    ...wish.turns,
    { role: "user", blocks: [{ type: "toolResult", callId: "1", text: "", failed: false }] },
  ]
  const finish = (events: ModelEvent[]) =>
    events.flatMap((event) => (event.type === "toolCall" ? [event.input] : []))[0]
  const kept = await answered({ ...wish, turns })
  expect(finish(kept)).toMatchObject({ nextSteps: ["Print labels"] })
  const back = await answered({ ...wish, turns, system: [...wish.system, filesOf("inventory")] })
  expect(finish(back)).toMatchObject({ nextSteps: ["Add a search field", "Print labels"] })
})

test("another app gets a project of its own; the first one stays what it is", async () => {
  const quiz = await answered(asking("Inventory tracker", "Build me a quiz instead"))
  expect(textOf(quiz)).toContain("Start a new project with “Quiz for my class”")
  expect(callsOf(quiz)).toEqual([])
  const search = await answered(asking("Inventory tracker", "Build me a quiz instead", "Add a search field"))
  expect(callsOf(search)[0]).toEqual(["edit_file", "index.html"])
})

test("the same app can be built again", async () => {
  const again = await answered(
    asking("Inventory tracker", "Add a search field", "Build me the inventory tracker again"),
  )
  expect(callsOf(again)[0]).toEqual(["write_file", "index.html"])
})

test("a change to a project that lost its files writes the whole app", async () => {
  const wish = asking("Inventory tracker", "Make the title bigger")
  const system = [
    ...wish.system,
    "# The project\nindex.html (674 bytes)\nstyle.css (2339 bytes)\n<title>New app</title>",
  ]
  const call = { type: "toolCall", callId: "1", tool: "edit_file", input: {} } as const
  const result = { type: "toolResult", callId: "1", text: "no such lines", failed: true } as const
  const turns: Turn[] = [...wish.turns, { role: "assistant", blocks: [call] }, { role: "user", blocks: [result] }]
  const written = callsOf(await answered({ ...wish, system, turns })).map(([, path]) => path)
  expect(new Set(written)).toEqual(
    new Set(["app.js", "icon.svg", "index.html", "logic.js", "saving.js", "style.css", "tests/app.test.js"]),
  )
})

test("a project of another template is left alone", async () => {
  const wish = asking("Inventory tracker")
  const events = await answered({ ...wish, system: [...wish.system, 'It was started from the template "react".'] })
  expect(textOf(events)).toContain("another template")
  expect(callsOf(events)).toEqual([])
  const own = await answered({ ...wish, system: [...wish.system, 'It was started from the template "static".'] })
  expect(callsOf(own)).not.toEqual([])
})

test("what this server cannot run is not offered: the plain scene stands in", async () => {
  const wish = asking("Inventory tracker in Python")
  expect(callsOf(await answered(wish))[0]).toEqual(["write_file", "inventory.py"])
  expect(model.templateFor?.("Inventory tracker in Python")).toBe("python-flask")
  const plain = createDemoModel({ templatesDir, pace: 0, templates: ["static", "react"] })
  expect(plain.scenes).toHaveLength(6)
  expect(plain.templateFor?.("Inventory tracker in Python")).toBe("static")
  expect(callsOf(await answered(wish, plain))[0]).toEqual(["write_file", "index.html"])
})

test("in a project that was started for Python its scene is meant without the word", async () => {
  const wish = asking("Inventory tracker")
  const inPython = (request: ModelRequest) => ({
    ...request,
    system: [...request.system, 'It was started from the template "python-flask".'],
  })
  expect(callsOf(await answered(inPython(wish)))[0]).toEqual(["write_file", "inventory.py"])
  expect(textOf(await answered(inPython(asking("Quiz for my class"))))).toContain("another template")
})

test("continue repeats the wish before it", async () => {
  const events = await answered(asking("Family budget", "Continue from where you were cut off."))
  expect(callsOf(events)[0]).toEqual(["write_file", "index.html"])
  expect(textOf(events)).toContain("budget")
})

test("without tools there are only words", async () => {
  const events = await answered({ ...asking("Inventory tracker"), tools: [] })
  expect(callsOf(events)).toEqual([])
  expect(textOf(events)).not.toBe("")
  expect(events.at(-1)).toEqual({ type: "stop", reason: "end" })
})

test("stopping ends the answer with the reason", async () => {
  const stop = new AbortController()
  const reason = new Error("stopped by the person")
  const reading = (async () => {
    for await (const event of createDemoModel({ templatesDir }).stream(asking("Inventory tracker"), stop.signal)) {
      if (event.type === "text") stop.abort(reason)
    }
  })()
  expect(await reading.catch((error: unknown) => error)).toBe(reason)
})

test("at its own pace the inventory is told in less than six seconds, and not at once", async () => {
  const turns: Turn[] = [said("user", "Inventory tracker")]
  const paced = createDemoModel({ templatesDir })
  const began = performance.now()
  for (let step = 0; step < 3; step++) {
    const events = await answered({ ...asking(), turns }, paced)
    const ids = events.flatMap((event) => (event.type === "toolCall" ? [event.callId] : []))
    turns.push(said("assistant", textOf(events)))
    turns.push({ role: "user", blocks: ids.map((callId) => ({ type: "toolResult", callId, text: "", failed: false })) })
    if (step === 2) expect(callsOf(events)).toEqual([["finish", undefined]])
  }
  const seconds = (performance.now() - began) / 1000
  expect(seconds).toBeGreaterThan(2)
  expect(seconds).toBeLessThan(6)
}, 15_000)
