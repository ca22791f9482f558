import type { Egress } from "./networks.ts"

/** What whoever runs the server is told when apps can reach this machine although they should not. */
export function hostWarning(egress: Egress, state: "here" | "elsewhere", command: string): string {
  const what =
    egress === "none"
      ? "SANDBOX_EGRESS=none does not hold: apps in containers cannot reach the internet, but they can reach every service of the machine they run on"
      : "Apps in containers can reach services of the machine they run on"
  return state === "here"
    ? `${what}, because Go Chat may not set firewall rules here. Run it as root with iptables installed, or run this as root: ${command} (Go Chat cannot see whether that was done).`
    : `${what}, because the container engine makes its networks somewhere that Go Chat cannot set firewall rules. Run this as root on the machine of the engine: ${command} (Go Chat cannot see whether that was done).`
}
