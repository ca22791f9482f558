import { short } from "../labels.ts"

/**
 * Names in the engine and of its bridges. A bridge has 15 characters at most; those of projects share a beginning, so
 * that one rule of the firewall speaks of all of them.
 */
export const networkName = (serverId: string, projectId: string): string => `gochat-${serverId}-${short(projectId)}`

/** Beginning of the bridges that may not open connections to this machine. */
export const bridgePrefix = (serverId: string): string => `gc${serverId.slice(0, 4)}`

export const bridgeName = (serverId: string, projectId: string): string =>
  `${bridgePrefix(serverId)}${short(projectId)}`

/** The proxy's way out. */
export const outwardName = (serverId: string): string => `gochat-${serverId}-out`

/** Never begins like a project's bridge: those go on with hexadecimal digits. */
export const outwardBridge = (serverId: string): string => `gco${serverId}`

export const proxyName = (serverId: string): string => `gochat-${serverId}-proxy`

/** Network that is made at the start for a moment, to see where the engine makes its bridges. */
export const probeName = (serverId: string): string => `gochat-${serverId}-probe`

export const probeBridge = (serverId: string): string => `gcp${serverId}`
