/**
 * First process of every container: keeps it up while apps and commands come and go, collects what they leave, and at
 * its end asks all of them to end, waits up to 1.5 s, and takes the rest along. Needs nothing but `sh` and `sleep`.
 */
const script = `
end() {
  trap '' TERM
  kill -TERM -1 2>/dev/null
  n=0
  while set -- /proc/[0-9]*; [ $# -gt 1 ] && [ $n -lt 30 ]; do sleep 0.05; n=$((n+1)); done
  exit 0
}
trap end TERM
while :; do sleep 86400 & wait $!; done
`

export const keeperCommand = ["/bin/sh", "-c", script]
/** The keeper is given this long to end before the engine ends it. */
export const keeperEndMs = 2_000

/**
 * Runs one command line ($1) and ends whatever of it is left: every process of a command carries its marker. $2 = "app"
 * for what stays.
 */
const runScript = `
[ -d "$HOME" ] || mkdir -p "$HOME" 2>/dev/null
[ -z "$GOCHAT_CA" ] || [ -e "$NODE_EXTRA_CA_CERTS" ] || printf '%s\n' "$GOCHAT_CA" >"$NODE_EXTRA_CA_CERTS"
unset GOCHAT_CA
/bin/sh -c "$1" 2>&1 </dev/null
code=$?
n=0
while [ $n -lt 5 ]; do
  n=$((n+1)); again=
  for file in $(grep -ls "GOCHAT_SANDBOX=$GOCHAT_SANDBOX" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}; pid=\${pid%/environ}
    [ "$pid" = "$$" ] || { kill -9 "$pid" 2>/dev/null && again=1; }
  done
  [ -n "$again" ] || break
done
exit $code
`
export const runCommand = (command: string): string[] => ["/bin/sh", "-c", runScript, "sh", command]

/** Ends every process with this marker: asks first, insists after `$2` tenths of a second. */
const endScript = `
all() {
  for file in $(grep -ls "GOCHAT_SANDBOX=$1" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}; echo "\${pid%/environ}"
  done
}
for pid in $(all "$1"); do kill -TERM "$pid" 2>/dev/null; done
n=0
while [ -n "$(all "$1")" ]; do
  [ $n -ge "$2" ] && for pid in $(all "$1"); do kill -9 "$pid" 2>/dev/null; done
  [ $n -ge $(($2 + 20)) ] && exit 1
  n=$((n+1)); sleep 0.1
done
`
export const endCommand = (marker: string, tenths: number): string[] => [
  "/bin/sh",
  "-c",
  endScript,
  "sh",
  marker,
  String(tenths),
]

/** How often the kernel ended a process of this container for want of memory, under either version of cgroups. */
export const memoryKillsCommand = [
  "/bin/sh",
  "-c",
  "cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null",
]
/** What listens on which address, as the kernel tells it. */
export const listenersCommand = ["/bin/sh", "-c", "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null"]
