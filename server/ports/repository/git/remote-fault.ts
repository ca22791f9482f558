import { cleanText } from "../../../lib/clean-text.ts"
import { RemoteGitError, type RemoteGitKind } from "../remote-git-error.ts"

const longestDetail = 2000

const words: Record<RemoteGitKind, string> = {
  away: "GitLab cannot be reached at the moment. Nothing is lost. Try again in a few minutes.",
  refused: "GitLab did not accept this change. An administrator can look up the rights of Go Chat in this repository.",
  unauthorized: "GitLab does not let Go Chat in. An administrator needs to renew its access token.",
  missing:
    "GitLab has no such repository, or does not show it to Go Chat. An administrator can look whether it was moved or removed.",
  timeout: "GitLab took too long to answer. Nothing is lost. Try again in a few minutes.",
  unusable: "What is in GitLab cannot be brought in, because it is damaged or not safe. Nothing was changed here.",
}

/** In this order: an exact status of HTTP tells more than what git makes of it. The text is git's own, in English. */
const signs: readonly [pattern: RegExp, kind: RemoteGitKind, words?: string][] = [
  // A branch that a push did not move; the rest of the line is the forge's.
  [/^!\t/m, "refused"],
  [
    /File too large|SIGXFSZ|signal 25/i,
    "unusable",
    "What is in GitLab is too large to be brought in. Nothing was changed here.",
  ],
  [/Authentication failed|could not read (Username|Password)|(error:|HTTP) 401/i, "unauthorized"],
  [/(error:|HTTP) 403/i, "refused"],
  [/(error:|HTTP) (404|410)|repository '.*' not found|does not appear to be a git repo/i, "missing"],
  [
    /(error:|HTTP) 30\d|redirect/i,
    "refused",
    "GitLab sends Go Chat to another address. An administrator can compare GITLAB_URL with the address that GitLab shows.",
  ],
  [/(error:|HTTP) (408|504)|timed out|Operation too slow|less than \d+ bytes\/sec/i, "timeout"],
  [/(error:|HTTP) (5\d\d|429)/i, "away"],
  [
    /certificate|SSL|TLS/,
    "away",
    "The certificate of GitLab is not trusted here. An administrator can name the right one in GIT_SSL_CAINFO.",
  ],
  [/Could not resolve|Failed to connect|Couldn't connect|Connection (refused|reset)|Empty reply|proxy/i, "away"],
  [
    /fsck error|bad object|index-pack failed|invalid index-pack|did not send all necessary|shallow|out of memory/i,
    "unusable",
  ],
  [/rejected|refused|denied|not allowed|pre-receive|Server does not allow/i, "refused"],
]

/** What a failed git means; its text without passwords, as the detail. */
export function remoteFault(said: string, secrets: readonly string[]): RemoteGitError {
  const [, kind, own] = signs.find(([pattern]) => pattern.test(ownLines(said))) ?? [null, "away" as const]
  return remoteError(kind, said, secrets, own)
}

export function remoteError(
  kind: RemoteGitKind,
  detail: string,
  secrets: readonly string[] = [],
  own = words[kind],
): RemoteGitError {
  return new RemoteGitError(kind, own, withoutSecrets(detail, secrets))
}

/** What the forge says goes into the detail but decides nothing. */
const ownLines = (said: string): string =>
  said
    .split(/[\r\n]+/)
    .filter((line) => !line.startsWith("remote:"))
    .join("\n")

/** Passwords in any of the spellings in which they travel, and whatever stands before the @ of an address. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text.replaceAll(/\/\/[^/\s@]*@/g, "//")
  for (const secret of secrets.flatMap(spellings)) clean = clean.replaceAll(secret, "…")
  const plain = cleanText(clean.replaceAll(/\r+/g, "\n").replaceAll(/[^\P{C}\n]/gu, " ")).trim()
  return plain.length > longestDetail ? `${plain.slice(0, longestDetail)}…` : plain
}

const spellings = (secret: string): string[] =>
  secret === "" ? [] : [secret, encodeURIComponent(secret), encodeURI(secret), Buffer.from(secret).toString("base64")]
