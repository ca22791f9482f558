import type { Model, ModelEvent } from "../ports/model/port.ts"

/**
 * A model in this process that says the time: each piece of text is `<milliseconds> `, on a clock that all processes of
 * a machine share. The wish names the pace: `<pieces> <pause in ms>`.
 */
export const pacedModel: Model = {
  provider: "demo",
  defaultModel: "paced",
  scenes: [],
  list: async () => [{ id: "paced", name: "paced" }],
  window: () => 200_000,
  stream: async function* ({ turns }, signal): AsyncGenerator<ModelEvent> {
    const wish =
      turns
        .at(-1)
        ?.blocks.map((block) => (block.type === "text" ? block.text : ""))
        .join("") ?? ""
    const [, pieces = "1", pauseMs = "0"] = /(\d+) (\d+)\s*$/.exec(wish) ?? []
    for (let piece = 0; piece < Number(pieces) && !signal.aborted; piece++) {
      if (piece > 0) await Bun.sleep(Number(pauseMs))
      yield { type: "text", text: `${clock().toFixed(2)} ` }
    }
    yield { type: "usage", usage: { input: 1, output: 1, cached: 0 } }
    yield { type: "stop", reason: "end" }
  },
  complete: async () => "Paced",
  health: async () => "healthy",
}

/** Milliseconds since the epoch with fractions: the same in every process. */
export const clock = (): number => performance.timeOrigin + performance.now()
