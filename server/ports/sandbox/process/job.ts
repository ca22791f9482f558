/** One command line to run inside the sandbox. */
export interface JobInput {
  /** Folder that becomes the working directory. */
  root: string
  /** Folder for the app's data. */
  dataDir: string
  /** Shell command line. */
  command: string
  /** Variables for the command itself; they never reach what sets the sandbox up. */
  env: Record<string, string>
  /** Names the own uid, where there is one. */
  identity: Identity
  /** Installs fill the package cache of the server, everything else only reads it. */
  cache: "read" | "fill"
  /** Unique; every process of the job carries it in its environment. */
  marker: string
}

/** Who runs a job: projects are strangers to each other; installs share one account because they share the cache. */
export type Identity = { type: "project"; name: string } | { type: "installer" }

/** How to start a job. */
export interface Wrapped {
  argv: string[]
  env: Record<string, string>
  cwd: string
  /** Made for this job; removed after its end. */
  temp?: string
}

/** One way to keep a job apart from the server and from other projects. */
export interface Isolation {
  readonly kind: "bubblewrap" | "uid" | "none"
  /** Plain words when a job can reach more than its own folder. */
  readonly warning: string | null
  /** All processes of a job die with its first process: the kernel sees to it. */
  readonly dieTogether: boolean
  wrap(job: JobInput): Promise<Wrapped>
  /** The uid of a job, when each project has its own. */
  uid(identity: Identity): number | null
  /** Folders of the app as it sees them. */
  inside(job: { root: string; dataDir: string }): { dataDir: string }
}
