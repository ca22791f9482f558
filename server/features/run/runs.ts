/** The runs of this process, and the line they come from. */
export interface Runs {
  /** Something may be able to begin. */
  kick(projectId?: string): void
  /** Ends a run; one that waits leaves the line. One that is over stays as it is. */
  stop(projectId: string, runId: string): Promise<void>
  /** Ends all runs of a project and waits until they are gone. */
  stopProject(projectId: string): Promise<void>
  /** Ends what an earlier process left behind, then begins with the line. */
  start(): Promise<void>
  /** All runs end as `interrupted`; nothing begins any more. */
  drain(): Promise<void>
}
