/** Keeps what is here and what is at the forge the same: by its news, and by looking where news may have been lost. */
export interface Sync {
  /** Takes up news that an earlier server left. */
  start(): void
  /** There is news. */
  kick(): void
  /** What is not done stays for the next start. */
  close(): Promise<void>
}
