/** What is compared with: plain Elysia events, nothing stored, no account, one pace for all. `<pieces> <pause>` in the query. */
import { Elysia, sse } from "elysia"
import { clock } from "./paced-model.ts"

const app = new Elysia({ serve: { idleTimeout: 0, reusePort: false } })
  .get("/events", async function* ({ query }) {
    for (let piece = 0; piece < Number(query["pieces"]); piece++) {
      await Bun.sleep(Number(query["pause"]))
      yield sse({
        id: piece,
        data: {
          seq: piece,
          at: new Date().toISOString(),
          type: "message.delta",
          messageId: "00000000-0000-0000-0000-000000000000",
          text: `${clock().toFixed(2)} `,
        },
      })
    }
  })
  .listen({ port: Number(process.env["PORT"]), hostname: "127.0.0.1" })
process.on("SIGTERM", () => void app.stop(true).then(() => process.exit(0)))
console.log("ready")
