import { ConfigError, type envReader } from "./env-reader.ts"

export interface GitLabSettings {
  /** Without a slash at the end; may have a path. */
  url: string
  token: string
  /** Full path of the group that projects are made in. */
  group: string
  /** What hooks are signed with; null = derived from the server's own secret. */
  webhookSecret: string | null
}

/** GITLAB_*; null when there is no GitLab. Throws `ConfigError` for half of it. */
export function readGitLab({ text, address }: ReturnType<typeof envReader>): GitLabSettings | null {
  const [url, token] = [address("GITLAB_URL", "https://gitlab.example.com"), text("GITLAB_TOKEN")]
  if (url === null && token === null) return null
  if (url === null) {
    throw new ConfigError("GITLAB_URL", "is missing, and GITLAB_TOKEN is set", "https://gitlab.example.com")
  }
  if (token === null) throw new ConfigError("GITLAB_TOKEN", "is missing, and GITLAB_URL is set", "glpat-…")
  if (/\s/.test(token)) throw new ConfigError("GITLAB_TOKEN", "must be one word", "glpat-…")
  const group = text("GITLAB_GROUP") ?? "go-chat"
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(group)) {
    throw new ConfigError("GITLAB_GROUP", "must be the path of a group", "company/apps")
  }
  const webhookSecret = text("GITLAB_WEBHOOK_SECRET")
  if (webhookSecret !== null && webhookSecret.length < 16) {
    throw new ConfigError("GITLAB_WEBHOOK_SECRET", "must have at least 16 characters", "$(openssl rand -hex 32)")
  }
  return { url, token, group, webhookSecret }
}
