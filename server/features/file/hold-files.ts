import { Lines } from "../../lib/lines.ts"

const lines = new Lines()

/**
 * One at a time for the files of a project. A run lays down its starter under this, so work that found the project
 * idle is over before the run looks at the files. Never call it inside itself.
 */
export const holdFiles = <T>(projectId: string, work: () => Promise<T>): Promise<T> => lines.wait(projectId, work)
