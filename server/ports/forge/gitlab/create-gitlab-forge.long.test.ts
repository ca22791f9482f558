import { afterEach, expect, test } from "bun:test"
import { gitLabRig } from "../../../testing/gitlab/forge.ts"
import { Kit } from "../../../testing/gitlab/kit.ts"
import { until } from "../../../testing/until.ts"

const kit = new Kit()
afterEach(() => kit.close())

test("twenty pipelines at once stay within what may be asked", async () => {
  const gitlab = await kit.gitlab({ pipelines: "scripted" })
  await using made = await gitLabRig(gitlab, { client: { perMinute: 600 } })
  const { rig } = made
  const file = { ".gitlab-ci.yml": "a: { script: ['true'] }\n" }
  const projects = await Promise.all(Array.from({ length: 20 }, () => rig.commit(file)))
  const running = projects.map((project) => rig.start(project))
  const api = () => gitlab.requests.filter(({ path }) => path.includes("/api/v4/")).length
  await until(() => running.every(({ told }) => told.pipeline !== null), 60_000)
  const [before, beganAt] = [api(), performance.now()]
  await Bun.sleep(3_000)
  // A quarter of a minute's may come at once; then it is ten a second at most, and half of that when it is quiet.
  expect(api() - before).toBeLessThan(((performance.now() - beganAt) / 1000) * 10 + 20)
  for (const { id } of projects) {
    gitlab.script(made.remote(id).remoteId).set("a", "success")
    rig.forge.remote?.hint(id, null)
  }
  await Promise.all(running.map(({ done }) => done))
  expect(running.map(({ told }) => told.status)).toEqual(projects.map(() => "success"))
  expect(gitlab.violations).toEqual([])
}, 90_000)
