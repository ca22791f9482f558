import { describe, expect, test } from "bun:test"
import { readdirSync } from "node:fs"
import { callEngine, engineAnswers } from "./engine-call.ts"
import { faultEngine, faultEngineMissing } from "./fault-engine.ts"

describe.skipIf(faultEngineMissing() !== null)("an engine that a test may break", () => {
  test("is gone when it is killed, comes back with what it had, and leaves nothing", async () => {
    const bridges = machineBridges()
    const engine = await faultEngine()
    expect(machineBridges().sort()).toEqual([...bridges, "go-chat-fault"].sort())
    const network = { Name: "left-over", Internal: true, IPAM: { Config: [{ Subnet: "10.139.77.0/28" }] } }
    const headers = { "content-type": "application/json" }
    await callEngine(engine.host, "/networks/create", { method: "POST", body: JSON.stringify(network), headers })

    await engine.kill()
    expect(await engineAnswers(engine.host)).toBe(false)

    await engine.restart()
    const networks = await (await callEngine(engine.host, "/networks")).text()
    expect(networks).toContain("left-over")
    expect((await callEngine(engine.host, `/images/${engine.image}/json`)).ok).toBe(true)

    await engine.stop()
    expect(await engineAnswers(engine.host)).toBe(false)
    expect(machineBridges()).toEqual(bridges)
  }, 120_000)
})

/** Of engines: this one has its own and leaves everybody else's. */
function machineBridges(): string[] {
  return readdirSync("/sys/class/net").filter((name) => name === "docker0" || name.startsWith("go-chat"))
}
