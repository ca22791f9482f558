import { describe, expect, test } from "bun:test"
import { parse } from "yaml"
import { z } from "zod"
import { parseChecksFile } from "../../ports/forge/local/parse.ts"
import { planPipeline } from "../../ports/forge/local/plan.ts"
import { usual } from "../../ports/forge/local/variables.ts"
import { offeredTemplates, templateFiles } from "./templates.ts"

const input = {
  projectId: "p",
  buildId: "b",
  sha: "0".repeat(40),
  projectName: "shop",
  keep: [],
  play: [],
  attempt: "first" as const,
  mergeRequest: null,
}
const registry = { CI_REGISTRY: "registry.example.com", CI_REGISTRY_IMAGE: "registry.example.com/apps/shop" }

const devcontainer = z.object({
  image: z.string(),
  forwardPorts: z.tuple([z.number()]),
  containerEnv: z.record(z.string(), z.string()),
  customizations: z.object({ gochat: z.object({ start: z.string() }) }),
})

/** A file of a starter, by its path. */
function fileOf(template: string, path: string): string {
  const found = [...templateFiles(template)].find((file) => file.path === path)
  if (found === undefined) throw new Error(`${template} has no ${path}`)
  return new TextDecoder().decode(found.bytes)
}

const namesOf = (text: string, around = usual) => planPipeline(parseChecksFile(text), input, around)

describe.each(offeredTemplates("docker").map(({ name }) => name))("%s", (name) => {
  const checks = fileOf(name, ".gitlab-ci.yml")
  const dockerfile = fileOf(name, "Dockerfile")
  const settings = devcontainer.parse(JSON.parse(fileOf(name, ".devcontainer/devcontainer.json")))

  test("has the four stages, and deploys where there is a registry, but not for a merge request by itself", () => {
    expect(z.object({ stages: z.array(z.string()) }).parse(parse(checks, { merge: true })).stages).toEqual([
      "validate",
      "build",
      "test",
      "deploy",
    ])
    const here = namesOf(checks).map((job) => job.name)
    expect(here).toEqual(["validate", "build", "test"])
    const there = namesOf(checks, { ...usual, predefined: registry })
    expect(there.map((job) => job.name)).toEqual([...here, "deploy"])
    const branch = namesOf(checks, { ...usual, branch: "gochat/shop-1", predefined: registry })
    expect(branch.map((job) => job.name)).toEqual([...here, "deploy"])
    const request = namesOf(checks, { ...usual, source: "merge_request_event", predefined: registry })
    expect(request.map((job) => job.name)).toEqual(here)
  })

  test("what a newer version makes needless may be ended, but not while an image is pushed", () => {
    const jobs = namesOf(checks, { ...usual, predefined: registry })
    expect(jobs.filter((job) => !job.interruptible).map((job) => job.name)).toEqual(["deploy"])
    // Its builder makes all of the image itself.
    expect(jobs.at(-1)).toMatchObject({ artifactsFrom: [], image: expect.stringMatching(/:v\d+\.\d+\.\d+$/) as string })
  })

  test("runs, is checked and is packed with the same image", () => {
    const images = new Set(namesOf(checks).map((job) => job.image))
    expect([...images]).toEqual([settings.image])
    const [first] = /^FROM (\S+)/m.exec(dockerfile)?.slice(1) ?? []
    expect(first).toBe(settings.image)
  })

  test("the image starts as devcontainer.json says, never as root, with its data outside", () => {
    const [, listed = "[]"] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? []
    const command = z.array(z.string()).parse(JSON.parse(listed)).join(" ")
    expect(command).toBe(settings.customizations.gochat.start.replace(/^exec /, ""))
    const last = dockerfile.slice(dockerfile.lastIndexOf("FROM "))
    expect(last).toMatch(/^USER 1000:1000$/m)
    expect(last).toContain(`HOST=0.0.0.0 PORT=${settings.forwardPorts[0]} DATA_DIR=/data`)
    for (const [variable, value] of Object.entries(settings.containerEnv)) {
      expect(dockerfile).toMatch(new RegExp(`${variable}="?${value.replaceAll(".", String.raw`\.`)}\\b`))
    }
  })

  test("nothing goes into the image that is not part of the app", () => {
    const left = fileOf(name, ".dockerignore").trim().split("\n")
    expect(left).toEqual(expect.arrayContaining([".git", "data", "Dockerfile", ".gitlab-ci.yml"]))
  })
})
