/** Where packages of Node, Bun, Python and Go come from. */
const usual = [
  "registry.npmjs.org",
  "registry.yarnpkg.com",
  "pypi.org",
  "files.pythonhosted.org",
  "proxy.golang.org",
  "sum.golang.org",
]

/** Hosts with their ports, as the proxy compares them. One without a port is meant for HTTPS and plain HTTP. */
export function allowedHosts(extra: string[]): string[] {
  const all = [...usual, ...extra].map((entry) => entry.trim().toLowerCase()).filter(Boolean)
  return [...new Set(all.flatMap((entry) => (/:\d+$/.test(entry) ? [entry] : [`${entry}:443`, `${entry}:80`])))]
}
