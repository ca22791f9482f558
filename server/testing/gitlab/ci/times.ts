interface Timed {
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

/** Whole seconds of a pipeline, parts of seconds of a job; null while it runs. */
export const durationOf = ({ startedAt, finishedAt }: Timed): number | null =>
  startedAt === null || finishedAt === null ? null : Math.round((finishedAt.getTime() - startedAt.getTime()) / 1000)

export const queuedOf = ({ createdAt, startedAt }: Timed): number | null =>
  startedAt === null ? null : (startedAt.getTime() - createdAt.getTime()) / 1000
