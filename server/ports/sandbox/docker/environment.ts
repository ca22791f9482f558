import { readFileSync } from "node:fs"

/** Where packages come from; what else of the server's environment says how the network is reached. */
const registries = ["npm_config_registry", "bun_config_registry", "pip_index_url", "goproxy"]
const proxies = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]
/** The kernel takes no longer variable. */
const mostVariable = 120_000

/**
 * Variables of every process in a container: the sandbox's own, and of the server's environment only addresses of
 * package registries and, where the network is open, proxies, and the certificates that go with them. An address with a
 * password, or of this machine, is left out. `registries` are the hosts among them.
 */
export function insideEnvironment(
  server: Record<string, string | undefined>,
  egress: "open" | "registry" | "none",
): { env: Record<string, string>; registries: string[] } {
  const passed: Record<string, string> = {}
  const hosts: string[] = []
  for (const [name, value] of Object.entries(server)) {
    const known = name.toLowerCase()
    if (!value) continue
    if (known === "tz" || (egress === "open" && proxies.includes(known) && isUsable(value))) passed[name] = value
    if (!registries.includes(known) || egress === "none" || !isUsable(value)) continue
    passed[name] = value
    if (URL.canParse(value)) hosts.push(new URL(value).host)
  }
  return {
    env: {
      ...passed,
      ...certificates(server),
      HOME: "/tmp/home",
      TMPDIR: "/tmp",
      // Beside the cache: what was unpacked is then renamed and not copied, and takes no memory.
      BUN_TMPDIR: "/cache",
      BUN_INSTALL_CACHE_DIR: "/cache/bun",
      npm_config_cache: "/cache/npm",
      PIP_CACHE_DIR: "/cache/pip",
      GOCACHE: "/cache/go-build",
      GOMODCACHE: "/cache/go-mod",
      LANG: "C.UTF-8",
      HOST: "0.0.0.0",
      PORT: "3000",
      DATA_DIR: "/data",
    },
    registries: hosts,
  }
}

/** An authority of the operator's own, as text: the keeper's commands lay it down inside (keeper.ts). */
function certificates({ NODE_EXTRA_CA_CERTS: path }: Record<string, string | undefined>): Record<string, string> {
  if (!path) return {}
  try {
    const text = readFileSync(path, "utf8")
    const isPublic = text.includes("BEGIN CERTIFICATE") && !text.includes("PRIVATE KEY")
    if (!isPublic || text.length > mostVariable) return {}
    return { GOCHAT_CA: text, NODE_EXTRA_CA_CERTS: "/tmp/ca.pem" }
  } catch {
    return {}
  }
}

/** Without a password, and not a name of this machine, which inside a container is the container. */
function isUsable(value: string): boolean {
  if (!URL.canParse(value)) return /^[\w.,:*-]+$/.test(value)
  const { username, password, hostname } = new URL(value)
  return username === "" && password === "" && !/^(localhost|127\.|\[::1\])/.test(hostname)
}
