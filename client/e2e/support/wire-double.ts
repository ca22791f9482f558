/**
 * The Anthropic API for the browser journeys, in a process of its own: the double needs Bun, the runner of the journeys
 * may be Node. Takes scripts and tells the requests over HTTP; ends when its input closes.
 */
import { startWireModel, type WireStep } from "../../../server/testing/wire-model.ts"

const wire = await startWireModel({ title: "Reading list" })
const control = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/script": {
      POST: async (request) => {
        const { wish, steps, tokensPerSecond } = (await request.json()) as {
          wish: string
          steps: WireStep[]
          tokensPerSecond?: number
        }
        wire.script(wish, steps, tokensPerSecond === undefined ? {} : { tokensPerSecond })
        return new Response(null, { status: 204 })
      },
    },
    "/requests": () => Response.json(wire.requests().map(({ body }) => body)),
  },
})
process.stdout.write(`${JSON.stringify({ model: wire.url, control: control.url.origin })}\n`)

for await (const _ of Bun.stdin.stream()) continue
await control.stop(true)
await wire.stop()
process.exit(0)
