import { rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A machine beyond this one: a network of its own, behind a cable. Needs root. */
export interface Outside {
  url: string
  /** In the range where clouds hand out a machine's keys. */
  metadataUrl: string
  remove(): Promise<void>
}

/** Starts it; it answers every request with 200. */
export async function startOutside(): Promise<Outside> {
  const name = `gct${crypto.randomUUID().slice(0, 8)}`
  // Addresses for documentation, which nobody has; some of them, because two runs may be under way.
  const part = Math.floor(Math.random() * 63) * 4
  const here = `198.51.100.${part + 1}`
  const there = `198.51.100.${part + 2}`
  const metadata = `169.254.77.${part + 2}`
  const ready = join(tmpdir(), name)
  const ip = async (words: string) => {
    const child = Bun.spawn(["ip", ...words.split(" ")], { stdio: ["ignore", "ignore", "pipe"] })
    if ((await child.exited) !== 0) throw new Error(`ip ${words}: ${await new Response(child.stderr).text()}`)
  }
  await ip(`netns add ${name}`)
  await ip(`link add ${name} type veth peer name cable netns ${name}`)
  await ip(`addr add ${here}/30 dev ${name}`)
  await ip(`link set ${name} up`)
  await ip(`-n ${name} addr add ${there}/30 dev cable`)
  await ip(`-n ${name} addr add ${metadata}/32 dev cable`)
  await ip(`-n ${name} link set cable up`)
  await ip(`-n ${name} route add default via ${here}`)
  await ip(`route add ${metadata}/32 via ${there}`)
  const script = `process.stdin.on("end", () => process.exit()).resume(); Bun.serve({ port: 8080, hostname: "0.0.0.0", fetch: () => new Response("outside") }); await Bun.write(${JSON.stringify(ready)}, "")`
  const server = Bun.spawn(["ip", "netns", "exec", name, process.execPath, "-e", script], {
    stdio: ["pipe", "ignore", "ignore"],
  })
  const until = performance.now() + 10_000
  while (!(await Bun.file(ready).exists()) && performance.now() < until) await Bun.sleep(20)
  return {
    url: `http://${there}:8080/`,
    metadataUrl: `http://${metadata}:8080/`,
    remove: async () => {
      server.kill("SIGKILL")
      await server.exited
      rmSync(ready, { force: true })
      // The cable and its route go with it.
      await ip(`link del ${name}`)
      await ip(`netns del ${name}`)
    },
  }
}
