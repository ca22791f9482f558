import { afterEach, expect, setDefaultTimeout, test } from "bun:test"
import { z } from "zod"
import { RemoteGitError } from "../../repository/remote-git-error.ts"
import { createGitLabClient, type GitLabClientOptions } from "./client.ts"
import { GitLabError } from "./errors.ts"
import { FollowedJobs } from "./follow-jobs.ts"
import { noPipelineWords } from "./follow-words.ts"
import { ensureMergeRequest } from "./merge-requests.ts"
import { listJobs } from "./pipelines.ts"
import { branchAt } from "./tools.ts"

setDefaultTimeout(15_000)
const servers: Bun.Server<undefined>[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true)
})

function answers(
  answer: (request: Request) => Response | Promise<Response>,
  options: Partial<GitLabClientOptions> = {},
) {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer })
  servers.push(server)
  return createGitLabClient({
    url: `http://127.0.0.1:${server.port}`,
    token: "glpat-hush-hush",
    retries: 0,
    ...options,
  })
}

const json = { "content-type": "application/json" }
const thrown = (asked: Promise<unknown>) => asked.then(() => null, (reason: unknown) => reason) // prettier-ignore
/** Goes on for as long as somebody reads. */
const endless = (piece: string) => new ReadableStream({ pull: (controller) => controller.enqueue(new TextEncoder().encode(piece)) }) // prettier-ignore

test("an answer without end is given up before it fills the memory, good or bad", async () => {
  for (const status of [200, 500]) {
    const client = answers(() => new Response(endless("[".repeat(100_000)), { status, headers: json }), { timeoutMs: 10_000 }) // prettier-ignore
    const before = process.memoryUsage.rss()
    const error = await thrown(client.ask(z.unknown(), (api) => api.Metadata.show()))
    expect(error).toMatchObject({ kind: "unexpected", detail: "The answer is too long." })
    expect(process.memoryUsage.rss() - before).toBeLessThan(400_000_000)
  }
})

test("a look at the checks file ends, also when the answer does not", async () => {
  const client = answers(({ url }) =>
    url.includes("/ci/lint")
      ? new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) }), { headers: json }) // prettier-ignore
      : Response.json({}),
  )
  const asked = noPipelineWords(client, 1, "a".repeat(40), new AbortController().signal, 200)
  expect(await thrown(asked)).toBeInstanceOf(GitLabError)
})

test("words that were cut in the middle of a character reach GitLab as text", async () => {
  let sent = ""
  const client = answers(async (request) => {
    sent = await request.text()
    return Response.json({})
  })
  await client.ask(z.unknown(), (api) =>
    api.Projects.edit(1, { description: "🙂".slice(0, 1), topics: ["🙂".slice(1)] }),
  )
  expect(JSON.parse(sent)).toEqual({ description: "\uFFFD", topics: ["\uFFFD"] })
})

test("the token takes no way without encryption where the operator's address has one", () => {
  const client = createGitLabClient({ url: "https://gitlab.example.com", token: "glpat-hush-hush" })
  const at = (cloneUrl: string) =>
    branchAt({ token: "glpat-hush-hush", client }, { cloneUrl }, "main", new AbortController().signal)
  expect(() => at("http://gitlab.example.com/apps/shop.git")).toThrow(RemoteGitError)
  expect(at("https://git.example.com/apps/shop.git").url).toBe("https://git.example.com/apps/shop.git")
})

test("names of checks are text that can be stored", async () => {
  const client = answers(() => new Response(""))
  const jobs = new FollowedJobs(client, 1, [], 60_000)
  const job = { id: 1, name: "a\0b", stage: "c\0d", status: "created" }
  const [planned] = await Array.fromAsync(jobs.take([job], new AbortController().signal))
  expect(planned).toMatchObject({ type: "planned", jobs: [{ name: "a\uFFFDb", stage: "c\uFFFDd" }] })
})

test("of thousands of checks the first ones are followed, however many pages GitLab has", async () => {
  let asked = 0
  const client = answers(({ url }) => {
    const page = Number(new URL(url).searchParams.get("page") ?? 1)
    if (++asked > 50) return new Response("", { status: 500 })
    const jobs = Array.from({ length: 100 }, (_, at) => ({
      id: page * 100 + at,
      name: `job ${page} ${at}`,
      status: "failed",
    }))
    const next = new URL(url)
    next.searchParams.set("page", String(page + 1))
    return Response.json(jobs, { headers: { link: `<${next}>; rel="next"`, "x-next-page": String(page + 1) } })
  })
  const jobs = await listJobs(client, 1, 1)
  expect([jobs.length, jobs[0]?.name, asked]).toEqual([200, "job 1 0", 10])
})

test("a merge request of a fork, whose branch is called like ours, is not ours", async () => {
  const made = { iid: 2, source_branch: "gochat/abc", source_project_id: 1, web_url: "https://gitlab.example.com/2", state: "opened" } // prettier-ignore
  const client = answers(({ method }) =>
    Response.json(method === "POST" ? made : [{ ...made, iid: 9, source_project_id: 666 }]),
  )
  const wanted = { remoteId: 1, branch: "gochat/abc", target: "main", title: "A page", description: "" }
  expect((await ensureMergeRequest(client, wanted)).number).toBe(2)
})
