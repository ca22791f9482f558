import { existsSync } from "node:fs"
import { oneAtATime } from "./one-at-a-time.ts"

/** A rule that this machine's firewall has or has not. */
interface Rule {
  program: "iptables" | "ip6tables"
  chain: string
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

/**
 * Rules for all bridges that begin with `prefix`. What comes in through them may answer and never begin: a network that
 * is cut off from the world is still attached to this machine, by the address of its bridge and by every other.
 */
export function createFirewall(prefix: string, options: { metadata: boolean }): Firewall {
  const from = ["-i", `${prefix}+`]
  const begin = [...from, "-m", "conntrack", "!", "--ctstate", "ESTABLISHED,RELATED", "-j", "DROP"]
  const host: Rule = { program: "iptables", chain: "INPUT", match: begin }
  const needed = [host, ...(hasIpv6() ? [{ ...host, program: "ip6tables" } as const] : [])]
  const ours = oneAtATime()

  return {
    command: ["iptables", "-I", "INPUT", ...begin].join(" "),
    ensure: () =>
      ours("rules", async () => {
        const put = await Promise.all(needed.map(ensureRule))
        // Clouds hand out the machine's own keys there, to whoever asks from it.
        if (options.metadata) await ensureRule(await metadataRule(from))
        return put.every(Boolean)
      }),
    remove: () =>
      ours("rules", async () => {
        const rules = [...needed, ...(options.metadata ? [await metadataRule(from)] : [])]
        await Promise.all(rules.map((rule) => run(rule, "-D")))
      }),
  }
}

/** Docker keeps a chain for rules of others that come before its own; elsewhere the general one has to do. */
async function metadataRule(from: string[]): Promise<Rule> {
  const rule: Rule = {
    program: "iptables",
    chain: "DOCKER-USER",
    match: [...from, "-d", "169.254.0.0/16", "-j", "DROP"],
  }
  const there = await answers("iptables", ["-n", "-L", rule.chain])
  return there ? rule : { ...rule, chain: "FORWARD" }
}

async function ensureRule(rule: Rule): Promise<boolean> {
  return (await run(rule, "-C")) || run(rule, "-I")
}

const run = ({ program, chain, match }: Rule, verb: "-C" | "-I" | "-D"): Promise<boolean> =>
  answers(program, [verb, chain, ...match])

async function answers(program: Rule["program"], words: string[]): Promise<boolean> {
  const path = Bun.which(program, { PATH: `${Bun.env["PATH"] ?? ""}:/usr/sbin:/sbin` })
  if (path === null) return false
  const child = Bun.spawn([path, "-w", "5", ...words], { stdio: ["ignore", "ignore", "ignore"], timeout: 10_000 })
  return (await child.exited) === 0
}

const hasIpv6 = (): boolean => existsSync("/proc/net/if_inet6")
