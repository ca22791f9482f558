const lines = new Map<string, Promise<unknown>>()

/**
 * One at a time for the files of a project. A run lays down its starter under this, so work that found the project
 * idle is over before the run looks at the files. Never call it inside itself.
 */
export async function holdFiles<T>(projectId: string, work: () => Promise<T>): Promise<T> {
  const before = lines.get(projectId)
  const mine = (before ?? Promise.resolve()).then(work, work)
  const settled = mine.catch(() => {})
  lines.set(projectId, settled)
  try {
    return await mine
  } finally {
    if (lines.get(projectId) === settled) lines.delete(projectId)
  }
}
