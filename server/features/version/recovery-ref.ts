/** Where the edits of a run that did not complete wait for a person to take them. */
export const recoveryRef = (runId: string): string => `refs/gochat/recovery/${runId}`
