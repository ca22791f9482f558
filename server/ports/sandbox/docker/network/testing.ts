import type { Engine } from "../engine.ts"
import { readInside } from "../inside.ts"
import { labels } from "../labels.ts"

/** A small container for the tests of networks. */
export interface Neighbour {
  id: string
  /** Its address on the network that it was started on. */
  address: string
  /** What asking for addresses from inside gives: the status, `000` for what cannot be reached. */
  reach(urls: string[], flags?: string[]): Promise<Record<string, string>>
  run(command: string[]): Promise<string>
  remove(): Promise<void>
}

const askAll =
  'flags=$1; shift; for url; do (printf "%s %s\\n" "$url" "$(curl -s -o /dev/null --connect-timeout 1 -m 3 -w "%{http_code} %{http_connect}" $flags "$url")") & done; wait'

const server =
  'for (const port of [8080, 9090]) Bun.serve({ port, hostname: "0.0.0.0", fetch: () => new Response("hello from " + process.env.WHO) }); console.log("ready")'

/** Starts a container that serves its name on 8080 and 9090, or only waits, with limits and without rights. */
export async function startNeighbour(
  engine: Engine,
  image: string,
  network: string,
  options: { serves?: string; alias?: string; dns?: string[]; env?: Record<string, string> } = {},
): Promise<Neighbour> {
  const env = { ...options.env, WHO: options.serves ?? "" }
  const { id } = await engine.call((docker) =>
    docker.createContainer({
      Image: image,
      Labels: { [labels.server]: engine.serverId },
      User: "1000:1000",
      Entrypoint: [],
      Cmd: options.serves === undefined ? ["sleep", "60"] : ["bun", "--smol", "-e", server],
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      HostConfig: {
        NetworkMode: network,
        Memory: 128 * 1024 ** 2,
        PidsLimit: 64,
        CapDrop: ["ALL"],
        ...(options.dns ? { Dns: options.dns } : {}),
      },
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: options.alias ? [options.alias] : [] } } },
    }),
  )
  const container = engine.docker.getContainer(id)
  await engine.call(() => container.start())
  const { NetworkSettings } = await engine.call(() => container.inspect())
  const run = async (command: string[]) => (await readInside(engine, id, command)).text
  return {
    id,
    address: NetworkSettings.Networks[network]?.IPAddress ?? "",
    run,
    reach: async (urls, flags = []) => {
      const text = await run(["sh", "-c", askAll, "sh", flags.join(" "), ...urls])
      const lines = text.trim().split("\n")
      return Object.fromEntries(
        lines.map((line) => {
          const [url = "", code = "", tunnel = ""] = line.split(" ")
          return [url, code === "000" && tunnel !== "000" ? tunnel : code]
        }),
      )
    },
    remove: () => engine.call(() => container.remove({ force: true, v: true })),
  }
}
