import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { engineMissing, testEngine } from "../../../../testing/engine.ts"
import { type Engine, findEngine } from "../engine.ts"
import { labels } from "../labels.ts"
import { createNetworks } from "./create-networks.ts"
import type { Egress, Networks } from "./networks.ts"
import { bridgeName, bridgePrefix, networkName, outwardName, proxyName } from "./names.ts"
import { type Outside, startOutside } from "./outside.testing.ts"
import { type Neighbour, startNeighbour } from "./testing.ts"

const root = process.getuid?.() === 0
const longer = 30_000

describe.skipIf(engineMissing() !== null)("networks of projects", () => {
  let home: string
  let host: string
  let image: string
  let engine: Engine
  const warnings: string[] = []
  const log = { warn: (_: unknown, words?: string) => void warnings.push(words ?? "") }
  const neighbours: Neighbour[] = []
  let networks: Networks

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "gochat-networks-"))
    ;({ host, image } = await testEngine())
    engine = await connect(home)
  }, 300_000)
  afterEach(async () => {
    await Promise.all(neighbours.splice(0).map((one) => one.remove()))
    await networks.end()
    warnings.length = 0
  }, longer)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  const connect = async (dataDir: string): Promise<Engine> => {
    const found = await findEngine({ host, dataDir })
    if (found === null) throw new Error("no engine")
    return found
  }
  const begin = async (egress: Egress, registries: string[] = []) => {
    networks = createNetworks(engine, { egress, image: async () => image, registries, log })
    await networks.start()
    return networks
  }
  const neighbour = async (...[network, options]: [string, Parameters<typeof startNeighbour>[3]?]) => {
    const one = await startNeighbour(engine, image, network, options)
    neighbours.push(one)
    return one
  }
  const ours = async () => {
    const label = [`${labels.server}=${engine.serverId}`]
    return (await engine.docker.listNetworks({ filters: { label } })).map(({ Name }) => Name).sort()
  }
  const answers = async (url: string): Promise<boolean> => {
    const until = performance.now() + 10_000
    while (performance.now() < until) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => null)
      if (answer?.ok) return true
      await Bun.sleep(30)
    }
    return false
  }
  const rules = async (): Promise<string[][]> => {
    const listed = await Promise.all(
      ["iptables", "ip6tables"].map(async (program) =>
        [await run([program, "-S"]), await run([program, "-t", "mangle", "-S"])].flatMap((text, index) =>
          text.split("\n").map((line) => [program, "-t", index === 0 ? "filter" : "mangle", ...line.split(" ")]),
        ),
      ),
    )
    return listed.flat().filter((words) => words.includes(`${bridgePrefix(engine.serverId)}+`))
  }
  const takeRules = async () => {
    for (const rule of await rules()) await run(rule.map((word) => (word === "-A" ? "-D" : word)))
  }

  test.skipIf(!root)(
    "none: neither this machine, nor another project, nor the world; this machine reaches the app",
    async () => {
      await begin("none")
      expect(networks.warning).toBeNull()
      const [own, other, outside] = await Promise.all([networks.open("p1"), networks.open("p2"), startOutside()])
      // The one test with a server that other machines could reach: it answers with nothing, for seconds.
      const service = Bun.serve({ port: 0, hostname: "0.0.0.0", fetch: () => new Response() })
      try {
        expect(own).toMatchObject({ reach: "address", env: {}, dns: ["127.0.0.1"] })
        const [app, sibling, stranger] = await Promise.all([
          neighbour(own.name, { serves: "app", alias: "app", dns: own.dns }),
          neighbour(own.name, { dns: own.dns }),
          neighbour(other.name, { serves: "stranger" }),
        ])
        expect(await answers(`http://${app.address}:8080`)).toBe(true)
        expect(await answers(`http://${stranger.address}:8080`)).toBe(true)

        const bridge = app.address.replace(/\d+$/, "1")
        const services = [...new Set([bridge, ...machineAddresses()])].map(
          (address) => `http://${address}:${service.port}/`,
        )
        const closed = [...services, `http://${stranger.address}:8080/`, outside.url, outside.metadataUrl]
        expect(await app.reach(closed)).toEqual(Object.fromEntries(closed.map((url) => [url, "000"])))
        expect(await sibling.reach([`http://app:8080/`])).toEqual({ "http://app:8080/": "200" })
        expect(await app.run(["cat", "/proc/net/if_inet6"])).not.toContain("eth0")

        await takeRules()
        expect((await app.reach(services))[services[0] as string]).toBe("200")
        await networks.open("p1")
        expect(Object.values(await app.reach(services))).toEqual(services.map(() => "000"))
        expect(await answers(`http://${app.address}:8080`)).toBe(true)
      } finally {
        await service.stop(true)
        await outside.remove()
      }
    },
    longer,
  )

  test.skipIf(!root)(
    "open: the world, but neither this machine nor the address where clouds hand out its keys",
    async () => {
      const outside: Outside = await startOutside()
      const service = Bun.serve({ port: 0, hostname: "0.0.0.0", fetch: () => new Response() })
      try {
        await begin("open")
        const own = await networks.open("p1")
        expect(own).toMatchObject({ reach: "published", env: {}, dns: [] })
        const app = await neighbour(own.name)
        const other = await neighbour((await networks.open("p2")).name, { serves: "another project" })
        const stranger = `http://${other.address}:8080/`
        expect(await answers(stranger)).toBe(true)
        expect(await app.reach([stranger])).toEqual({ [stranger]: "000" })
        const machine = `http://${app.address.replace(/\d+$/, "1")}:${service.port}/`
        const urls = [outside.url, outside.metadataUrl, machine]
        expect(await app.reach(urls)).toEqual({ [outside.url]: "200", [outside.metadataUrl]: "000", [machine]: "000" })
        await takeRules()
        expect(await app.reach(urls)).toEqual({ [outside.url]: "200", [outside.metadataUrl]: "200", [machine]: "200" })
        await networks.open("p1")
        expect(await app.reach(urls)).toEqual({ [outside.url]: "200", [outside.metadataUrl]: "000", [machine]: "000" })
      } finally {
        await service.stop(true)
        await outside.remove()
      }
    },
    longer,
  )

  test(
    "registry: listed hosts by the proxy, nothing else and nothing directly",
    async () => {
      await begin("registry", ["registry.test:8080"])
      const own = await networks.open("p1")
      const proxy = own.env["HTTPS_PROXY"] ?? ""
      expect(own.env).toMatchObject({ http_proxy: proxy, https_proxy: proxy, HTTP_PROXY: proxy })
      const [app, registry] = await Promise.all([
        neighbour(own.name, own),
        neighbour(outwardName(engine.serverId), { serves: "registry", alias: "registry.test" }),
      ])
      expect(await answers(`http://${registry.address}:8080`)).toBe(true)

      const good = "http://registry.test:8080/"
      expect(await app.run(["curl", "-s", good])).toBe("hello from registry")
      expect(await app.run(["curl", "-sp", good])).toBe("hello from registry")
      const bad = ["http://example.com/", "https://example.com/", "https://registry.npmjs.org:22/"]
      const tricks = ["http://registry.test:9090/", `http://${registry.address}:8080/`, "http://169.254.169.254/"]
      const refused = Object.fromEntries([...bad, ...tricks].map((url) => [url, "403"]))
      expect(await app.reach(Object.keys(refused))).toEqual(refused)
      expect(await app.run(["curl", "-s", "http://example.com/"])).toBe(
        "example.com is not a package registry; this server lets apps reach only package registries\n",
      )
      expect(await app.reach([good], ["-X", "POST"])).toEqual({ [good]: "405" })
      expect(await app.reach([good], ["-H", `X:${"a".repeat(9_000)}`])).toEqual({ [good]: "431" })
      expect(await app.reach([good], ["-d", "body", "-X", "GET"])).toEqual({ [good]: "400" })
      const direct = `http://${registry.address}:8080/`
      expect(await app.reach([direct], ["--noproxy", registry.address])).toEqual({ [direct]: "000" })
      // A few open connections of one app are refused, and others are still served.
      expect(await app.run(["bun", "-e", holdConnections(proxy)])).toBe("64 of 80\n")

      const { Config, HostConfig, State } = await engine.docker.getContainer(proxyName(engine.serverId)).inspect()
      expect(State.Running).toBe(true)
      expect(Config.User).toBe(`${engine.user.uid}:${engine.user.gid}`)
      expect(HostConfig).toMatchObject({
        ReadonlyRootfs: true,
        Privileged: false,
        CapDrop: ["ALL"],
        CapAdd: null,
        SecurityOpt: ["no-new-privileges:true"],
        Memory: 128 * 1024 ** 2,
        PidsLimit: 64,
        Binds: null,
      })

      // Whoever was told the proxy's address finds a new one there.
      await engine.docker.getContainer(proxyName(engine.serverId)).remove({ force: true })
      await networks.open("p2")
      expect(await app.run(["curl", "-s", good])).toBe("hello from registry")
    },
    longer,
  )

  test(
    "a network is made once, mended when it is gone or other than it should be, and gone when closed",
    async () => {
      await begin("none")
      const name = networkName(engine.serverId, "p1")
      await Promise.all([networks.open("p1"), networks.open("p1"), networks.open("p2")])
      expect(await ours()).toEqual([name, networkName(engine.serverId, "p2")].sort())
      const before = await engine.docker.getNetwork(name).inspect()
      expect(before).toMatchObject({
        Internal: true,
        Labels: { [labels.server]: engine.serverId, [labels.project]: "p1" },
        Options: { "com.docker.network.bridge.name": bridgeName(engine.serverId, "p1") },
      })
      await networks.open("p1")
      expect((await engine.docker.getNetwork(name).inspect()).Id).toBe(before.Id)

      await engine.docker.getNetwork(name).remove()
      await networks.open("p1")
      expect((await engine.docker.getNetwork(name).inspect()).Id).not.toBe(before.Id)

      // A server with other settings: what was started under the old ones is cut off.
      const left = await neighbour(name)
      await begin("open")
      await networks.open("p1")
      const mended = await engine.docker.getNetwork(name).inspect()
      expect(mended).toMatchObject({ Internal: false, Containers: {} })
      expect(Object.keys((await engine.docker.getContainer(left.id).inspect()).NetworkSettings.Networks)).toEqual([])

      await networks.close("p1")
      await networks.close("p1")
      expect(await ours()).toEqual([networkName(engine.serverId, "p2")])
    },
    longer,
  )

  test(
    "a name that something else has is not taken over",
    async () => {
      await begin("none")
      const name = networkName(engine.serverId, "p1")
      const foreign = await engine.docker.createNetwork({ Name: name, Internal: true })
      await expect(networks.open("p1")).rejects.toThrow("belongs to something else")
      await foreign.remove()
    },
    longer,
  )

  test(
    "the sweep leaves what is in use, here or by a container",
    async () => {
      await begin("registry")
      const earlier = networks
      await Promise.all(["used", "unused"].map((projectId) => earlier.open(projectId)))
      const left = await neighbour(networkName(engine.serverId, "used"))
      await begin("none")
      await networks.open("open")
      await networks.sweep()
      const names = ["used", "open"].map((projectId) => networkName(engine.serverId, projectId))
      expect((await ours()).filter((name) => name !== outwardName(engine.serverId))).toEqual(names.sort())

      await left.remove()
      neighbours.length = 0
      await networks.close("open")
      await networks.sweep()
      expect(await ours()).toEqual([])
      await expect(engine.docker.getContainer(proxyName(engine.serverId)).inspect()).rejects.toThrow(
        "No such container",
      )
    },
    longer,
  )

  test(
    "forty projects at once",
    async () => {
      await begin("none")
      const projects = Array.from({ length: 40 }, (_, index) => `many-${index}`)
      await Promise.all(projects.map((projectId) => networks.open(projectId)))
      const made = await Promise.all((await ours()).map((name) => engine.docker.getNetwork(name).inspect()))
      const subnets = made.map(
        (network: { IPAM?: { Config?: { Subnet?: string }[] } }) => network.IPAM?.Config?.[0]?.Subnet,
      )
      expect(new Set(subnets).size).toBe(40)
      await networks.end()
      expect(await ours()).toEqual([])
      if (root) expect(await rules()).toEqual([])
    },
    longer,
  )

  test.skipIf(!root)(
    "says so when this machine does not let it set rules, and when the engine is elsewhere",
    async () => {
      await begin("none")
      const said = async (dataDir: string, ...wrapper: string[]) => {
        const script = `
          const { findEngine } = await import(${JSON.stringify(join(import.meta.dir, "../engine.ts"))})
          const { createNetworks } = await import(${JSON.stringify(join(import.meta.dir, "create-networks.ts"))})
          const engine = await findEngine({ host: ${JSON.stringify(host)}, dataDir: ${JSON.stringify(join(home, dataDir))} })
          const networks = createNetworks(engine, { egress: "none", image: async () => "", registries: [], log: { warn() {} } })
          await networks.start()
          console.log(networks.warning)
          await networks.end()`
        return run([...wrapper, process.execPath, "-e", script])
      }
      const [noRight, elsewhere] = await Promise.all([
        said("no-right", "setpriv", "--bounding-set=-net_admin,-net_raw", "--inh-caps=-net_admin,-net_raw"),
        said("elsewhere", "unshare", "--net"),
      ])
      expect(noRight).toContain("SANDBOX_EGRESS=none does not hold")
      expect(noRight).toContain("may not set firewall rules here")
      expect(noRight).toMatch(
        /iptables -I INPUT -i gc[0-9a-f]{4}\+ -m conntrack ! --ctstate ESTABLISHED,RELATED -j DROP/,
      )
      expect(elsewhere).toContain("on the machine of the engine")
    },
    longer,
  )
})

/** Addresses under which this machine's services could be found, its bridges' included. */
const machineAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((ends) =>
    (ends ?? []).filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address),
  )

async function run(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] })
  return (await new Response(child.stdout).text()).trim()
}

/** Opens 80 connections and says how many of them stay. */
const holdConnections = (proxy: string): string => `
  const { hostname, port } = new URL(${JSON.stringify(proxy)})
  let held = 0
  await Promise.all(Array.from({ length: 80 }, () => new Promise((resolve) => {
    const late = setTimeout(() => { held++; resolve() }, 1500)
    require("net").connect(Number(port), hostname).on("error", () => {}).on("close", () => { clearTimeout(late); resolve() })
  })))
  console.log(held + " of 80")
  process.exit(0)`
