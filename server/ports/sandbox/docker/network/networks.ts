/** What apps reach: everything, package registries, or nothing outside their project. */
export type Egress = "open" | "registry" | "none"

/** A project's network, and how its containers are to use it. */
export interface OpenNetwork {
  name: string
  /** Where this server finds a port of a container: published on this machine, or at the container's own address. */
  reach: "published" | "address"
  /** Variables that lead package managers through the proxy. */
  env: Record<string, string>
  /** Name servers of its containers; empty = the engine's own. */
  dns: string[]
}

/** The networks of all projects of this server. */
export interface Networks {
  /** Plain words when apps can reach the machine they run on; known after `start`. */
  readonly warning: string | null
  /** Whether this is an address of a container on one of the networks. */
  isApp(address: string): boolean
  /** Sets the firewall. Throws `EngineError`. */
  start(): Promise<void>
  /** The project's network, made when it is not there. Throws `EngineError`. */
  open(projectId: string): Promise<OpenNetwork>
  /** Removes a project's network once it has no container any more. */
  close(projectId: string): Promise<void>
  /** Removes what an earlier server process left and no container uses. Safe at any time. */
  sweep(): Promise<void>
  /** Removes the proxy, the networks that no container uses and, when none is left, the rules of the firewall. */
  end(): Promise<void>
}
