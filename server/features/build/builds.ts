/** Runs the checks of versions: one build of a project at a time, in the order of the versions. */
export interface Builds {
  /** Takes up what waits, and what was running when an earlier server ended. */
  start(): Promise<void>
  /** There may be something to do. */
  kick(): void
  /** Ends a build; resolves when it has ended. Does nothing to one that is over. */
  cancel(build: { projectId: string; id: string }): Promise<void>
  cancelProject(projectId: string): Promise<void>
  /** Ends what runs without a word; the next start runs it again. */
  close(): Promise<void>
}
