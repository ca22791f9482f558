import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { Kit } from "../../testing/gitlab/kit.ts"
import { gitLine, repoOf } from "../../testing/gitlab/git/git.ts"
import { type LinkedServer, startLinkedServer } from "../../testing/gitlab/linked-server.ts"
import { call, calls, say, scriptedModel } from "../../testing/scripted-model.ts"
import { talk } from "../../testing/talk.ts"
import { until } from "../../testing/until.ts"
import { conflictQuestion } from "./conflict-words.ts"

setDefaultTimeout(40_000)

const kit = new Kit()
const servers: LinkedServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  await kit.close()
})

const checks = "check: { script: ['true'] }\n"

/** A project with one version that is at GitLab, and the repository there in the hands of somebody else. */
async function scene() {
  const gitlab = await kit.gitlab()
  const model = scriptedModel()
  const linked = await startLinkedServer(gitlab, { model })
  servers.push(linked)
  const { client, server } = linked
  const { id: projectId } = await client.project.create.mutate({ title: "Shop" })
  const wish = (words: string, files: Record<string, string>) => {
    let asked = 0
    model.script = () =>
      asked++ === 0
        ? calls(...Object.entries(files).map(([path, content]) => call("write_file", { path, content })))
        : say("Done.")
    return talk(client, projectId, words)
  }
  const first = await wish("Make a page", { ".gitlab-ci.yml": checks, "index.html": "<h1>One</h1>\n" })
  const newest = async () => (await client.build.list.query({ projectId })).builds[0]
  await until(async () => (await newest())?.status === "success", 30_000)
  const [remote] = [...gitlab.world.projects.values()]
  if (remote === undefined) throw new Error("GitLab has no project")
  const repo = repoOf(gitlab.world, remote)
  /** A commit of a tree as git can write it, whatever a person could not. */
  const commitTree = async (tree: string, message = "A change from outside") => {
    const head = await gitLine(repo, ["rev-parse", "refs/heads/main"])
    const env = { GIT_AUTHOR_NAME: "Eve", GIT_AUTHOR_EMAIL: "eve@example.com", GIT_COMMITTER_NAME: "Eve", GIT_COMMITTER_EMAIL: "eve@example.com" } // prettier-ignore
    const sha = await gitLine(repo, ["commit-tree", tree, "-p", head, "-m", message], { env })
    await gitLine(repo, ["update-ref", "refs/heads/main", sha])
    return sha
  }
  const versions = async () => (await client.version.list.query({ projectId })).versions
  const together = async () => {
    const { repository } = server.services
    await until(async () => (await gitlab.head(remote.id)) === (await repository.head(projectId)), 30_000)
    await until(async () => (await newest())?.status === "success", 30_000)
  }
  return { gitlab, server, client, projectId, remote, repo, wish, first, commitTree, versions, together }
}

test("a commit of others is no run's, whatever its message says", async () => {
  const { gitlab, remote, wish, versions, together } = await scene()
  const [own] = await versions()
  if (own?.runId == null) throw new Error("the first version has no run")
  const trailers = [own.runId, crypto.randomUUID(), "-".repeat(36)]
  for (const [at, run] of trailers.entries()) {
    const sha = await gitlab.commit(remote.id, { "b.txt": `${at}\n` }, { message: `Prices ${at}\n\nChat: http://evil.example\nRun: ${run}` }) // prettier-ignore
    const { answer } = await wish("Add a footer", { "index.html": `<h1>${at}</h1>\n` })
    expect(answer.versionSha).not.toBeNull()
    expect((await versions()).find((version) => version.sha === sha)).toMatchObject({
      runId: null,
      title: `Prices ${at}`,
    })
    await together()
  }
})

test("files of others whose names no app may have stay as they are", async () => {
  const { repo, wish, commitTree, together } = await scene()
  const blob = await gitLine(repo, ["hash-object", "-w", "--stdin"], { input: "theirs\n" })
  const other = await gitLine(repo, ["hash-object", "-w", "--stdin"], { input: "another\n" })
  const names = ["a\\b.txt", "ends with a dot.", "new\nline.txt"]
  const known = await gitLine(repo, ["ls-tree", "main"])
  const named = [...known.split("\n"), ...names.map((name) => `100644 blob ${blob}\t${name}`)]
  const texts = Buffer.from(named.map((line) => `${line}\0`).join(""))
  const broken = Buffer.concat([
    Buffer.from(`100644 blob ${blob}\tcaf`), Buffer.from([0xe9, 0]),
    Buffer.from(`100644 blob ${other}\tcaf`), Buffer.from([0xe8, 0]),
  ]) // prettier-ignore
  const tree = await gitLine(repo, ["mktree", "-z"], { input: Buffer.concat([texts, broken]) })
  await commitTree(tree)
  const { answer } = await wish("Add a footer", { "index.html": "<h1>Two</h1>\n" })
  expect(answer.versionSha).not.toBeNull()
  await together()
  const kept = await gitLine(repo, ["ls-tree", "main"])
  expect(kept).toContain(`${blob}\t"a\\\\b.txt"`)
  expect(kept).toContain(`${blob}\tends with a dot.`)
  expect(kept).toContain(`${blob}\t"new\\nline.txt"`)
  expect(kept).toContain(`${blob}\t"caf\\351"`)
  expect(kept).toContain(`${other}\t"caf\\350"`)
  expect(kept).not.toContain("\\357\\277\\275")
})

test("a few hundred bytes that unfold to millions of files are refused, and the project goes on", async () => {
  const { repo, wish, commitTree, versions } = await scene()
  let tree = await gitLine(repo, ["hash-object", "-w", "--stdin"], { input: "x" })
  let kind = "100644 blob"
  for (let level = 0; level < 6; level++) {
    const input = Array.from({ length: 10 }, (_, at) => `${kind} ${tree}\t${at}\n`).join("")
    tree = await gitLine(repo, ["mktree"], { input })
    kind = "040000 tree"
  }
  const sha = await commitTree(tree)
  const before = process.memoryUsage.rss()
  const { answer } = await wish("Add a footer", { "index.html": "<h1>Two</h1>\n" })
  expect(answer.versionSha).not.toBeNull()
  expect((await versions()).some((version) => version.sha === sha)).toBe(false)
  expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000)
})

test("a file that unfolds to more than memory holds is refused, and the project goes on", async () => {
  const { repo, wish, commitTree, versions } = await scene()
  const blob = await gitLine(repo, ["hash-object", "-w", "--stdin"], { input: new Uint8Array(120_000_000) })
  const sha = await commitTree(await gitLine(repo, ["mktree"], { input: `100644 blob ${blob}\tzeros.bin\n` }))
  const { answer } = await wish("Add a footer", { "index.html": "<h1>Two</h1>\n" })
  expect(answer.versionSha).not.toBeNull()
  expect((await versions()).some((version) => version.sha === sha)).toBe(false)
})

test("a wish that says not to run checks is checked, and titles of others show what they say", async () => {
  const { gitlab, remote, wish, together, versions } = await scene()
  await wish("Add a footer [skip ci] please\n\nand [CI-Skip], too", { "index.html": "<h1>Two</h1>\n" })
  await together()
  const message = "\u202Egnorw\u001B[31m Prices\u0007\n\nmore"
  const sha = await gitlab.commit(remote.id, { "b.txt": "b\n" }, { message })
  await wish("Another heading", { "index.html": "<h1>Three</h1>\n" })
  expect((await versions()).find((version) => version.sha === sha)?.title).toBe("gnorw [31m Prices")
})

test("the same file with a name that is no text was changed on both sides: the question can be told", () => {
  expect(conflictQuestion(["caf\uDCE9\n.txt"]).question).toContain("changed caf\uFFFD\uFFFD.txt, and")
})
