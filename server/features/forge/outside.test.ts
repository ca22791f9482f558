import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import type { GoChatClient } from "../../../shared/client.ts"
import type { MessagePart } from "../../../shared/message.ts"
import type { GitLabDouble } from "../../testing/gitlab/double.ts"
import { Kit } from "../../testing/gitlab/kit.ts"
import { type LinkedServer, startLinkedServer } from "../../testing/gitlab/linked-server.ts"
import { call, calls, type ScriptedModel, say, scriptedModel } from "../../testing/scripted-model.ts"
import { talk } from "../../testing/talk.ts"
import { until } from "../../testing/until.ts"
import { conflictChoices } from "./conflict-words.ts"

setDefaultTimeout(40_000)

const kit = new Kit()
const servers: LinkedServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  await kit.close()
})

const checks = "check: { script: ['test -f index.html'] }\n"

interface Scene {
  gitlab: GitLabDouble
  model: ScriptedModel
  client: GoChatClient
  projectId: string
  /** GitLab's number of the project. */
  remoteId: number
  /** A wish; the model writes the files. */
  wish: (words: string, files: Record<string, string>) => ReturnType<typeof talk>
  /** All there is on main, here and there. */
  read: (path: string) => Promise<string | null>
  remoteRead: (path: string) => Promise<string | null>
  together: () => Promise<void>
}

/** A project with one version that is green in GitLab. */
async function scene(): Promise<Scene> {
  const gitlab = await kit.gitlab()
  const model = scriptedModel()
  const linked = await startLinkedServer(gitlab, { model })
  servers.push(linked)
  const { client, server } = linked
  const { id: projectId } = await client.project.create.mutate({ title: "Shop" })
  const { repository } = server.services

  const write = (files: Record<string, string>) => {
    let asked = 0
    model.script = () =>
      asked++ === 0
        ? calls(...Object.entries(files).map(([path, content]) => call("write_file", { path, content })))
        : say("Done.")
  }
  const wish: Scene["wish"] = (words, files) => {
    write(files)
    return talk(client, projectId, words)
  }
  const newestBuild = async () => (await client.build.list.query({ projectId })).builds[0]
  const green = () => until(async () => (await newestBuild())?.status === "success", 30_000)
  const first = { ".gitlab-ci.yml": checks, "index.html": "<h1>One</h1>\n", "a.txt": "a\n" }
  await wish("Make a page", first)
  await green()
  const [remote] = [...gitlab.world.projects.values()]
  if (remote === undefined) throw new Error("GitLab has no project")
  const textOf = async (sha: string | null, path: string) => {
    const bytes = sha === null ? null : await repository.read(projectId, sha, path)
    return bytes === null ? null : new TextDecoder().decode(bytes)
  }
  return {
    gitlab,
    model,
    client,
    projectId,
    remoteId: remote.id,
    wish,
    read: async (path) => textOf(await repository.head(projectId), path),
    remoteRead: async (path) => textOf(await gitlab.head(remote.id), path),
    together: async () => {
      await until(async () => (await gitlab.head(remote.id)) === (await repository.head(projectId)), 30_000)
      await green()
    },
  }
}

const questionOf = (parts: readonly MessagePart[]) => parts.find((part) => part.type === "question")

describe("others commit in GitLab", () => {
  test("before a run: their commit is a version, and the run builds on it", async () => {
    const { gitlab, client, projectId, remoteId, wish, read, together } = await scene()
    const sha = await gitlab.commit(remoteId, { "b.txt": "from GitLab\n" }, { message: "Prices by Ann" })
    const { answer } = await wish("Add a footer", { "index.html": "<h1>One</h1><footer></footer>\n" })
    expect(answer.versionSha).not.toBeNull()
    expect(await read("b.txt")).toBe("from GitLab\n")
    const { versions } = await client.version.list.query({ projectId })
    expect(versions.map(({ title, runId, sha }) => [title, runId === null, sha])).toMatchObject([
      ["Add a footer", false, answer.versionSha],
      ["Prices by Ann", true, sha],
      ["Make a page", false, expect.anything()],
    ])
    await together()
    expect(gitlab.violations).toEqual([])
  })

  test("at the same time, in other files: both are in the next version, nothing is overwritten", async () => {
    const { gitlab, client, projectId, model, remoteId, read, remoteRead, together } = await scene()
    const written = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    let asked = 0
    model.script = () => {
      if (asked++ === 0) return calls(call("write_file", { path: "index.html", content: "<h1>Two</h1>\n" }))
      written.resolve()
      return [go.promise, ...say("Done.")]
    }
    const talked = talk(client, projectId, "Another heading")
    await written.promise
    const theirs = await gitlab.commit(remoteId, { "b.txt": "meanwhile\n" })
    go.resolve()
    await talked
    await together()
    expect(await read("b.txt")).toBe("meanwhile\n")
    expect(await remoteRead("index.html")).toBe("<h1>Two</h1>\n")
    const { versions } = await client.version.list.query({ projectId })
    expect(versions.map(({ title }) => title)).toEqual(["Changes from GitLab", "Another heading", "Make a page"])
    expect(versions.some(({ sha }) => sha === theirs)).toBe(false)
    const { builds } = await client.build.list.query({ projectId })
    expect(builds.map(({ status }) => status)).toEqual(["success", "canceled", "success"])
  })
})

describe("the same file was changed on both sides", () => {
  /** Ours is there, and theirs came before it could be delivered. */
  async function clash() {
    const all = await scene()
    const { gitlab, client, projectId, model, remoteId } = all
    const [written, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let asked = 0
    model.script = () => {
      if (asked++ === 0) return calls(call("write_file", { path: "index.html", content: "<h1>Ours</h1>\n" }))
      written.resolve()
      return [go.promise, ...say("Done.")]
    }
    const talked = talk(client, projectId, "Another heading")
    await written.promise
    await gitlab.commit(remoteId, { "index.html": "<h1>Theirs</h1>\n", "b.txt": "b\n" })
    go.resolve()
    await talked
    const last = async () => (await client.chat.history.query({ projectId })).messages.at(-1)
    await until(async () => questionOf((await last())?.parts ?? []) !== undefined)
    return { ...all, last }
  }

  test("found after a run: a question comes into the conversation, its answer settles it", async () => {
    const { client, projectId, wish, last, read, remoteRead, together, model } = await clash()
    const asked = await last()
    expect(asked).toMatchObject({ role: "assistant", runId: null })
    expect(questionOf(asked?.parts ?? [])).toMatchObject({
      question: expect.stringContaining("index.html"),
      choices: [conflictChoices.ours, conflictChoices.theirs],
    })
    await until(async () => (await client.build.list.query({ projectId })).builds[0]?.status === "failed")
    const [build] = (await client.build.list.query({ projectId })).builds
    expect(build?.error).toContain("index.html")
    const before = model.requests.length
    const { answer, end } = await wish(conflictChoices.ours, {})
    expect(end.outcome).toBe("completed")
    expect(answer.content).toContain("What is here stays")
    expect(model.requests.length).toBe(before)
    await together()
    expect(await remoteRead("index.html")).toBe("<h1>Ours</h1>\n")
    expect(await read("b.txt")).toBe("b\n")
  })

  test("answered while GitLab is away: that is said, nothing is changed, and the same answer settles it later", async () => {
    const { gitlab, wish, read, remoteRead, together } = await clash()
    await gitlab.away()
    expect((await wish(conflictChoices.ours, {})).answer.content).toContain("GitLab does not answer")
    expect(await read("b.txt")).toBeNull()
    await gitlab.back()
    expect((await wish(conflictChoices.ours, {})).answer.content).toContain("What is here stays")
    await together()
    expect(await remoteRead("index.html")).toBe("<h1>Ours</h1>\n")
    expect((await wish(conflictChoices.theirs, {})).answer.content).toContain("nothing left to settle")
  })

  test("found before a run: the run asks, and the answer goes on with what was wished", async () => {
    const { wish, read, remoteRead, together, model } = await clash()
    const stopped = await wish("Make it green", { "green.css": "h1 { color: green }\n" })
    expect(stopped.end.outcome).toBe("completed")
    expect(stopped.answer.versionSha).toBeNull()
    expect(questionOf(stopped.answer.parts)).toMatchObject({ choices: [conflictChoices.ours, conflictChoices.theirs] })
    const before = model.requests.length
    const { answer } = await wish(conflictChoices.theirs, { "green.css": "h1 { color: green }\n" })
    expect(JSON.stringify(model.requests[before]?.turns.at(-1))).toContain("Make it green")
    expect(answer.versionSha).not.toBeNull()
    await together()
    expect(await remoteRead("index.html")).toBe("<h1>Theirs</h1>\n")
    expect(await read("green.css")).toBe("h1 { color: green }\n")
  })
})

test("a run does not wait for a GitLab that is away; its version is delivered when it is back", async () => {
  const { gitlab, client, projectId, wish, together } = await scene()
  await gitlab.away()
  const { answer } = await wish("Another heading", { "index.html": "<h1>Two</h1>\n" })
  expect(answer.versionSha).not.toBeNull()
  const newest = async () => (await client.build.list.query({ projectId })).builds[0]
  await until(async () => (await newest())?.error !== null)
  expect(await newest()).toMatchObject({ sha: answer.versionSha, status: "created", finishedAt: null })
  await gitlab.back()
  await together()
  expect((await newest())?.error).toBeNull()
})

test("the way of the merge request: a version waits there, and merging it makes it live", async () => {
  const { gitlab, client, projectId, remoteId, wish, remoteRead } = await scene()
  const project = () => client.project.get.query({ projectId })
  const first = (await project()).liveSha
  await client.project.update.mutate({ projectId, versionRoute: "mergeRequest" })
  const newest = async () => (await client.build.list.query({ projectId })).builds[0]
  const green = (sha: string | null) =>
    until(async () => {
      const build = await newest()
      return build?.sha === sha && build?.status === "success"
    })

  const two = (await wish("Another heading", { "index.html": "<h1>Two</h1>\n" })).answer.versionSha
  await green(two)
  const branch = (await newest())?.branch ?? ""
  expect(branch).toStartWith("gochat/")
  expect(await project()).toMatchObject({
    liveSha: first,
    status: "ready",
    forge: {
      branch: "main",
      mergeRequest: { state: "opened", branch, webUrl: expect.stringContaining("merge_requests") },
    },
  })
  expect(await remoteRead("index.html")).toBe("<h1>One</h1>\n")
  const published = client.version.publish.mutate({ projectId, sha: two ?? "" })
  expect(await published.catch((error: Error) => error.message)).toContain("waits for its merge request")

  // More of it goes to the same place.
  const three = (await wish("And a footer", { "index.html": "<h1>Two</h1><footer></footer>\n" })).answer.versionSha
  await green(three)
  const { forge } = await project()
  expect((await newest())?.branch).toBe(branch)
  const request = gitlab.project(remoteId).mergeRequests
  expect(request.map(({ iid, title, state }) => [iid, title, state])).toEqual([
    [forge?.mergeRequest?.number ?? 0, "Another heading", "opened"],
  ])

  const merged = await gitlab.merge(remoteId, forge?.mergeRequest?.number ?? 0)
  await until(async () => (await project()).liveSha === merged)
  expect((await project()).forge?.mergeRequest?.state).toBe("merged")
  const { versions } = await client.version.list.query({ projectId })
  expect(versions[0]).toMatchObject({ sha: merged, live: true, title: "Another heading" })
  expect(await remoteRead("index.html")).toContain("footer")
  // What waited is on the main branch now, so it may be gone back to.
  expect(await client.version.publish.mutate({ projectId, sha: three ?? "" })).toMatchObject({ live: true })
  expect(gitlab.violations).toEqual([])
})
