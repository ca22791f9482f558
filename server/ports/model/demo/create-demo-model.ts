import type { Model } from "../port.ts"
import { answer } from "./answer.ts"
import { bestMatch } from "./match-score.ts"
import { loadScenes } from "./load-scenes.ts"
import { readTurns } from "./read-turns.ts"
import { streamAnswer } from "./stream-answer.ts"

export interface DemoOptions {
  /** The folder that holds `demo/`. */
  templatesDir: string
  /** Starters that apps can run from here; scenes for others are left out. */
  templates?: readonly string[]
  /** Milliseconds between two pieces of an answer. */
  pace?: number
}

/** A model without a key: scripted examples that drive the real loop with real tool calls. It never fails. */
export function createDemoModel({ templatesDir, templates, pace = 25 }: DemoOptions): Model {
  const scenes = loadScenes(templatesDir).filter(({ template }) => templates?.includes(template) ?? true)
  return {
    provider: "demo",
    defaultModel: "demo",
    scenes: scenes.map((scene) => scene.wish),
    list: () => Promise.resolve([{ id: "demo", name: "Demo" }]),
    window: () => 200_000,
    stream: (request, signal) => streamAnswer(answer(scenes, request), request, { pace, signal }),
    complete: (request) => {
      const { wish } = readTurns(request.turns)
      return Promise.resolve(bestMatch(wish, scenes)?.title ?? firstWords(wish))
    },
    templateFor: (wish) => bestMatch(wish, scenes)?.template ?? null,
    health: () => Promise.resolve("healthy"),
  }
}

const firstWords = (wish: string): string => wish.trim().split(/\s+/).slice(0, 6).join(" ").slice(0, 60)
