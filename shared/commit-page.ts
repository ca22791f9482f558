/** A commit's page, below that of its project: a path that GitLab keeps (docs.gitlab.com, "Permalinks"). */
export const commitPage = (projectUrl: string, sha: string): string => `${projectUrl}/-/commit/${sha}`
