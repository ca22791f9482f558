/** What the test image has, by Debian's names; these and what they need. */
export const imagePackages = [
  "base-files",
  "bash",
  "ca-certificates",
  "coreutils",
  "curl",
  "dash",
  "findutils",
  "golang-go",
  "grep",
  "mawk",
  "procps",
  "python3-flask",
  "sed",
]

/** Words when packages that the test image is made of are not installed here. */
export function missingPackages(): string | null {
  if (Bun.which("dpkg-query") === null || Bun.which("apt-cache") === null || Bun.which("tar") === null) {
    return "the image of the tests is made of installed Debian packages, and this is no Debian"
  }
  const missing = imagePackages.filter((name) => !imageVersions().has(name))
  if (missing.length === 0) return null
  return `the image of the tests needs packages that are not installed: apt-get install ${missing.join(" ")}`
}

/** Version of each installed package of the list. */
export function imageVersions(): Map<string, string> {
  const wanted = ["-W", "-f", "${db:Status-Status} ${Package} ${Version}\\n", ...imagePackages]
  const lines = Bun.spawnSync(["dpkg-query", ...wanted])
    .stdout.toString()
    .trim()
    .split("\n")
  const found = lines.map((line) => line.split(" ")).filter(([status]) => status === "installed")
  return new Map(found.map(([, name = "", version = ""]) => [name, version]))
}

/** Every path of the packages and of what they need. */
export function packagePaths(): string[] {
  const no = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map((kind) => `--no-${kind}`)
  const needed = lines(["apt-cache", "depends", "--recurse", "--installed", ...no, ...imagePackages])
  // Lines that are not indented name a package that is taken; those in <…> are names without one.
  const names = new Set(needed.filter((line) => /^[a-z0-9]/.test(line)))
  // A package that was removed since is named as well, and only complained about.
  return lines(["dpkg", "-L", ...names]).filter((line) => line.startsWith("/") && line !== "/.")
}

function lines(command: string[]): string[] {
  return Bun.spawnSync(command, { env: { ...process.env, LC_ALL: "C" } })
    .stdout.toString()
    .split("\n")
}
