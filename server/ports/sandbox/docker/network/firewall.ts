import { existsSync } from "node:fs"
import { Lines } from "../../../../lib/lines.ts"

/** A rule that this machine's firewall has or has not. */
interface Rule {
  program: "iptables" | "ip6tables"
  table: "filter" | "mangle"
  chain: "INPUT" | "FORWARD"
  match: string[]
}

/** What keeps apps in containers from the machine they run on. */
export interface Firewall {
  /** Puts what is missing; false when this machine does not let us. */
  ensure(): Promise<boolean>
  remove(): Promise<void>
  /** What somebody with the right can run instead. */
  readonly command: string
}

interface FirewallOptions {
  /** No way to where clouds hand out a machine's keys. */
  metadata: boolean
  /** What an engine does not keep apart by itself: projects from each other, or from everything. */
  apart: "projects" | "all" | null
}

/** Where clouds hand out a machine's keys: link-local for most, and those of Azure, Alibaba and Oracle. */
const metadataAddresses = ["169.254.0.0/16", "168.63.129.16", "100.100.100.200", "192.0.0.192"]

/** What begins a connection; what answers to one from this machine passes. */
const begins = ["-m", "conntrack", "!", "--ctstate", "ESTABLISHED,RELATED", "-j", "DROP"]
/** Not from one container to its neighbour on the same bridge, where the firewall sees that too. */
const leaves = ["-m", "physdev", "!", "--physdev-is-bridged"]

/**
 * Rules for all bridges that begin with `prefix`. What comes in through them may answer and never begin: a network that
 * is cut off from the world is still attached to this machine, by the address of its bridge and by every other.
 */
export function createFirewall(prefix: string, { metadata, apart }: FirewallOptions): Firewall {
  const from = ["-i", `${prefix}+`]
  const host: Rule = { program: "iptables", table: "filter", chain: "INPUT", match: [...from, ...begins] }
  // Comes before the rules of any engine, whatever order those are in.
  const onward = { table: "mangle", chain: "FORWARD" } as const
  const keys = metadataAddresses.map((address): Rule => ({
    program: "iptables",
    ...onward,
    match: [...from, "-d", address, "-j", "DROP"],
  }))
  const to = apart === "projects" ? ["-o", `${prefix}+`] : []
  const wall: Rule = { program: "iptables", ...onward, match: [...from, ...to, ...leaves, ...begins] }
  const families = hasIpv6() ? (["iptables", "ip6tables"] as const) : (["iptables"] as const)
  const both = apart === null ? [host] : [host, wall]
  const needed = families.flatMap((program) => both.map((rule) => ({ ...rule, program })))
  const ours = new Lines()

  return {
    command: both.map((rule) => ["iptables", ...words(rule, "-I")].join(" ")).join(" && "),
    ensure: () =>
      ours.wait("rules", async () => {
        const put = await Promise.all(needed.map(ensureRule))
        if (metadata) await Promise.all(keys.map(ensureRule))
        return put.every(Boolean)
      }),
    remove: () =>
      ours.wait("rules", async () => {
        await Promise.all([...needed, ...(metadata ? keys : [])].map((rule) => run(rule, "-D")))
      }),
  }
}

async function ensureRule(rule: Rule): Promise<boolean> {
  return (await run(rule, "-C")) || run(rule, "-I")
}

const words = ({ table, chain, match }: Rule, verb: "-C" | "-I" | "-D"): string[] => [
  ...(table === "filter" ? [] : ["-t", table]),
  verb,
  chain,
  ...match,
]

async function run(rule: Rule, verb: "-C" | "-I" | "-D"): Promise<boolean> {
  const path = Bun.which(rule.program, { PATH: `${Bun.env["PATH"] ?? ""}:/usr/sbin:/sbin` })
  if (path === null) return false
  const command = [path, "-w", "5", ...words(rule, verb)]
  const child = Bun.spawn(command, { stdio: ["ignore", "ignore", "ignore"], timeout: 10_000 })
  return (await child.exited) === 0
}

const hasIpv6 = (): boolean => existsSync("/proc/net/if_inet6")
