import { describe, expect, test } from "bun:test"
import { callEngine, engineAnswers } from "./engine-call.ts"
import { engineMissing, testEngine } from "./engine.ts"

describe.skipIf(engineMissing() !== null)("the engine of the tests", () => {
  test("answers, and is there at once when asked again", async () => {
    const first = await testEngine()
    const began = performance.now()
    expect(await testEngine()).toEqual(first)
    expect(performance.now() - began).toBeLessThan(5)
    expect(await engineAnswers(first.host)).toBe(true)
  }, 120_000)

  test("runs Bun, Go and Flask for somebody without a name", async () => {
    const said = await run(
      'id -u; bun -e "process.stdout.write(String(6 * 7))"; go version; python3 -c "import flask; print(flask.__name__)"; curl --version; ps',
    )
    expect(said).toMatch(/1000\n[^]*42[^]*go version go1[^]*flask\n[^]*curl \d[^]*PID/)
  }, 60_000)
})

/** What a container of the test image says that nothing may write to. */
async function run(script: string): Promise<string> {
  const { host, image } = await testEngine()
  const send = (path: string, body: object) =>
    callEngine(host, path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    })
  const settings = { NetworkMode: "none", ReadonlyRootfs: true, Tmpfs: { "/tmp": "" } }
  const container = { Image: image, Cmd: ["sh", "-ec", script], User: "1000:1000", Tty: true, HostConfig: settings }
  const { Id } = (await (await send("/containers/create", container)).json()) as { Id: string }
  try {
    await send(`/containers/${Id}/start`, {})
    await (await send(`/containers/${Id}/wait`, {})).text()
    const said = await callEngine(host, `/containers/${Id}/logs?stdout=true&stderr=true`)
    return (await said.text()).replaceAll("\r", "")
  } finally {
    await callEngine(host, `/containers/${Id}?force=true`, { method: "DELETE" })
  }
}
