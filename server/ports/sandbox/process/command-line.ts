/** Limits of one job, as far as the machine can set them. */
export interface Limits {
  /** Processes and threads of one account; null where the count would include the server's own. */
  processes: number | null
  prlimit: boolean
}

/** Largest file a job may write. */
const fileBytes = 4 * 1024 ** 3

// Runs inside, as the account of the job. $1 = folder with the shared package cache or "", $2 = command, rest = K=V.
// A read-only cache still has to take new packages: each job gets its own folder of links to the shared one.
const inner = `
mkdir -p "$HOME" "$BUN_INSTALL_CACHE_DIR"
if [ -n "$1" ] && [ -n "$(ls "$1" 2>/dev/null)" ]; then
  ln -s "$1"/[!@]* "$BUN_INSTALL_CACHE_DIR"/ 2>/dev/null
  for scope in "$1"/@*; do
    [ -d "$scope" ] && mkdir -p "$BUN_INSTALL_CACHE_DIR/\${scope##*/}" && ln -s "$scope"/* "$BUN_INSTALL_CACHE_DIR/\${scope##*/}"/ 2>/dev/null
  done
fi
{ echo 700 > /proc/self/oom_score_adj; } 2>/dev/null
command=$2
shift 2
exec nice -n 5 env "$@" /bin/sh -c "$command" 2>&1
`

/**
 * The part of a job's command line that runs as the job's own account: limits, a low rank when memory or processor
 * are short, then the command. Its variables are set here, after everything that runs with more rights.
 */
export function commandLine(
  job: { command: string; env: Record<string, string> },
  sharedCache: string,
  limits: Limits,
): string[] {
  const variables = Object.entries(job.env)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) => `${name}=${value.replaceAll("\0", "")}`)
  const limit = limits.prlimit ? ["prlimit", "--core=0", `--fsize=${fileBytes}`] : []
  if (limits.prlimit && limits.processes !== null) limit.push(`--nproc=${limits.processes}`)
  if (limit.length > 0) limit.push("--")
  return [...limit, "/bin/sh", "-c", inner, "sh", sharedCache, job.command, ...variables]
}
