import { existsSync } from "node:fs"

/** Every process of a sandbox carries this variable; its value names server and job. */
export const markerName = "GOCHAT_SANDBOX"

const addresses = ["http_proxy", "https_proxy", "all_proxy", "npm_config_registry", "bun_config_registry"]
const plain = ["no_proxy", "tz"]
const certificates = ["node_extra_ca_certs", "ssl_cert_file"]

/**
 * What of the server's environment an app may know: where packages come from and how the network is reached.
 * An address that holds a password is left out, like everything that is not named here.
 */
export function passedOn(env: Record<string, string | undefined>): Record<string, string> {
  const passed: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (!value) continue
    const known = name.toLowerCase()
    if (addresses.includes(known) && isPublicAddress(value)) passed[name] = value
    if (plain.includes(known)) passed[name] = value
    if (certificates.includes(known) && existsSync(value)) passed[name] = value
  }
  return passed
}

/** Files with certificates among what is passed on; they have to be visible inside. */
export const certificateFiles = (passed: Record<string, string>): string[] =>
  Object.entries(passed)
    .filter(([name]) => certificates.includes(name.toLowerCase()))
    .map(([, file]) => file)

function isPublicAddress(value: string): boolean {
  if (!URL.canParse(value)) return /^[\w.-]+:\d+$/.test(value)
  const { username, password } = new URL(value)
  return username === "" && password === ""
}

/** The variables every job starts with. */
export function baseEnvironment(input: {
  path: string
  home: string
  temp: string
  dataDir: string
  packageCache: string
  marker: string
  passed: Record<string, string>
}): Record<string, string> {
  return {
    ...input.passed,
    PATH: input.path,
    HOME: input.home,
    TMPDIR: input.temp,
    BUN_TMPDIR: input.temp,
    BUN_INSTALL_CACHE_DIR: input.packageCache,
    npm_config_cache: `${input.temp}/npm`,
    LANG: "C.UTF-8",
    HOST: "127.0.0.1",
    DATA_DIR: input.dataDir,
    [markerName]: input.marker,
  }
}
