import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { parse } from "yaml"
import { z } from "zod"
import { callEngine } from "../../testing/engine-call.ts"
import { engineMissing, type TestEngine, testEngine } from "../../testing/engine.ts"
import { readAppSpec } from "../sandbox/devcontainer.ts"
import { templateFiles } from "./templates.ts"

const missing = engineMissing()
const home = mkdtempSync(join(tmpdir(), "gochat-starters-"))
const uid = process.getuid?.() || 1000
let engine: TestEngine

beforeAll(async () => {
  if (missing === null) engine = await testEngine()
}, 120_000)
afterAll(() => rmSync(home, { recursive: true, force: true }))

function copyOf(name: string): string {
  const root = join(home, name)
  for (const { path, bytes } of templateFiles(name)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), bytes)
  }
  return root
}

const lines = z.array(z.string()).default([])
const job = z.object({ before_script: lines.optional(), script: lines.optional() })

/** The checks of a starter, one after the other, as its pipeline would run them. */
async function checksOf(root: string): Promise<string> {
  const file: unknown = parse(await Bun.file(join(root, ".gitlab-ci.yml")).text(), { merge: true })
  const { stages, variables, ...rest } = z
    .looseObject({ stages: z.array(z.string()), variables: z.record(z.string(), z.string()).default({}) })
    .parse(file)
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`)
  // An image needs a registry, and what builds it.
  const scripts = stages.slice(0, stages.indexOf("deploy")).map((stage) => {
    const { before_script: before = [], script = [] } = job.parse(rest[stage])
    return `echo "check ${stage}"; ${script.length === 0 ? "exit 1" : [...before, ...script].join("\n")}`
  })
  return ["set -e", ...exports, ...scripts].join("\n")
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`

/**
 * Serves the draft, saves a value and ends it, then builds and serves the release on the same data, and asks that to
 * end while another value is still on its way in.
 */
const served = (draft: string, prepare: string, release: string) => `
up() { tries=0; until curl -sf -o /dev/null "$here/"; do tries=$((tries + 1)); [ $tries -lt 300 ] || exit 9; sleep 0.1; done; }
here=http://127.0.0.1:$PORT
sh -c ${quoted(draft)} & app=$!
up
curl -sf "$here/" | grep -q "<title>"
curl -sf -X PUT -d '["kept"]' "$here/store/kept"
kill -TERM $app; wait $app || true
sh -c ${quoted(prepare)}
sh -c ${quoted(release)} & app=$!
up
curl -sf "$here/store/kept"
if [ "$GRACEFUL" = yes ]; then
  mkfifo /tmp/slow
  curl -sv -T /tmp/slow -H "Expect:" "$here/store/late" 2>/tmp/said & late=$!
  exec 3>/tmp/slow
  until grep -q "^> PUT" /tmp/said; do sleep 0.05; done
  curl -sf -o /dev/null "$here/"
  kill -TERM $app
  printf '["late"]' >&3
  exec 3>&-
  wait $late
  wait $app
  cat "$DATA_DIR/late.json"
fi
echo "all went well"
`

/** Runs one script in a container that has no network, and gives what it said. */
async function inContainer(root: string, script: string, env: Record<string, string>): Promise<string> {
  const data = join(dirname(root), `data-${crypto.randomUUID()}`)
  mkdirSync(data)
  Bun.spawnSync(["chown", "-R", `${uid}:${uid}`, root, data])
  const body = {
    Image: engine.image,
    Cmd: ["sh", "-c", `set -e\n${script}`],
    User: `${uid}:${uid}`,
    WorkingDir: "/workspace",
    Tty: true,
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    HostConfig: {
      Binds: [`${root}:/workspace`, `${data}:/data`],
      NetworkMode: "none",
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "exec,size=512m,mode=1777" },
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: 1024 ** 3,
      PidsLimit: 128,
    },
  }
  const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
  const created = await callEngine(engine.host, "/containers/create", post)
  const { Id } = z.object({ Id: z.string() }).parse(await created.json())
  try {
    await callEngine(engine.host, `/containers/${Id}/start`, { method: "POST" })
    // It answers at once, and ends its answer when the container does.
    await (await callEngine(engine.host, `/containers/${Id}/wait`, { method: "POST" })).text()
    return await (await callEngine(engine.host, `/containers/${Id}/logs?stdout=1&stderr=1`)).text()
  } finally {
    await callEngine(engine.host, `/containers/${Id}?force=true&v=true`, { method: "DELETE" })
  }
}

test.skipIf(missing !== null).each([
  ["static", "no"],
  ["python-flask", "yes"],
  ["go", "yes"],
  ["react", "no"],
])(
  "%s passes its checks, and serves and keeps data, in a container without a network",
  async (name, graceful) => {
    const root = copyOf(name)
    // Its libraries are the one thing that a container cannot bring.
    if (name === "react") {
      const install = Bun.spawnSync([process.execPath, "install", "--frozen-lockfile"], { cwd: root })
      expect(install.stderr.toString(), "bun install").not.toContain("error:")
    }
    const [draft, release] = [await readAppSpec(root, "draft"), await readAppSpec(root, "release")]
    const script = `( ${await checksOf(root)} )\n${served(draft.command, release.postCreateCommand ?? "true", release.command)}`
    const said = await inContainer(root, script, {
      ...release.env,
      HOST: "0.0.0.0",
      PORT: String(release.port),
      DATA_DIR: "/data",
      HOME: "/tmp/home",
      GOCACHE: "/tmp/go",
      GRACEFUL: graceful,
    })
    expect(said).toContain("all went well")
    expect(said).toContain('["kept"]')
    if (graceful === "yes") expect(said).toContain('["late"]')
  },
  60_000,
)
