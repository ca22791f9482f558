/** Small, and unlikely to be somebody's. */
const address = "10.139.255.1/28"

/** Makes a bridge for the default network of an engine. Told `none`, an engine would delete the `docker0` of another. */
export function makeBridge(name: string): void {
  ip("link", "add", name, "type", "bridge")
  ip("addr", "add", address, "dev", name)
  const problem = ip("link", "set", name, "up")
  if (problem !== null) throw new Error(`There is no bridge for the container engine of the tests: ${problem}`)
}

/** Takes it away again. */
export function removeBridge(name: string): void {
  ip("link", "delete", name)
}

function ip(...args: string[]): string | null {
  if (Bun.which("ip", { PATH }) === null) return "the command ip is not installed (Debian: apt-get install iproute2)"
  const { success, stderr } = Bun.spawnSync(["ip", ...args], { env: { PATH } })
  return success ? null : stderr.toString().trim()
}

const PATH = `${process.env["PATH"]}:/usr/sbin:/sbin`
