import { expect, test } from "bun:test"
import type { Project, ProjectForge } from "../../../shared/project.ts"
import { mergeStateOf } from "./merge-state.ts"

type State = NonNullable<ProjectForge["mergeRequest"]>["state"]

const project = (
  state: State | null,
  versionRoute: Project["versionRoute"] = "mergeRequest",
): Pick<Project, "versionRoute" | "forge"> => ({
  versionRoute,
  forge: {
    webUrl: "https://gitlab.example.com/apps/shop",
    branch: "main",
    mergeRequest:
      state === null ? null : { number: 3, branch: "gochat/hours", webUrl: "https://gitlab.example.com/mr/3", state },
  },
})
const build = (branch: string | null) => ({ branch })

test("a version waits only for the merge request whose branch it is on", () => {
  expect(mergeStateOf(project("opened"), build("gochat/hours"))).toMatchObject({
    type: "waiting",
    request: { number: 3 },
  })
  expect(mergeStateOf(project("closed"), build("gochat/hours"))?.type).toBe("closed")
  for (const branch of ["main", "gochat/other", null]) {
    expect([branch, mergeStateOf(project("opened"), build(branch))]).toEqual([branch, null])
  }
  expect(mergeStateOf(project("opened"), undefined)).toBeNull()
})

test("nothing is waited for once it is merged, without a merge request, or when versions go live directly", () => {
  expect(mergeStateOf(project("merged"), build("gochat/hours"))).toBeNull()
  expect(mergeStateOf(project(null), build("gochat/hours"))).toBeNull()
  expect(mergeStateOf(project("opened", "direct"), build("gochat/hours"))).toBeNull()
  expect(mergeStateOf(null, build("gochat/hours"))).toBeNull()
})
