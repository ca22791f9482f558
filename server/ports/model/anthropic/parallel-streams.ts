// Run by parallel.test.ts: every answer waits until all are open, so one that queues would hold up the rest.
import {
  collect,
  messageEnd,
  messageStart,
  modelAt,
  request,
  sse,
  startDouble,
  textBlock,
  textOf,
} from "./sse-double.ts"

const wanted = 300
const all = Promise.withResolvers<void>()
await using double = startDouble((count) => {
  if (count === wanted) all.resolve()
  return sse(async (send) => {
    send(messageStart)
    await all.promise
    for (const event of [...textBlock(0, "one ", "of many"), ...messageEnd("end_turn")]) send(event)
  })
})
const model = modelAt(double.url, { firstByteMs: 20_000, idleMs: 20_000 })
const answers = await Promise.all(
  Array.from({ length: wanted }, () => collect(model.stream(request(), AbortSignal.timeout(20_000)))),
)
const whole = answers.filter(({ events, error }) => error === null && textOf(events) === "one of many").length
process.stdout.write(`${double.bodies.length} at once, ${whole} whole\n`)
