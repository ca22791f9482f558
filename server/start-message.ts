import { version } from "../package.json"
import type { Config } from "./config.ts"
import type { Forge } from "./ports/forge/port.ts"
import type { RunningServer } from "./server.ts"

const checksWords = { process: "local, run on this machine", docker: "local, in containers" }

const checksOf = ({ gitlab }: Config, forge: Forge["mode"], sandbox: keyof typeof checksWords): string =>
  forge === "gitlab" && gitlab !== null ? `GitLab, group ${gitlab.group} of ${gitlab.url}` : checksWords[sandbox]

/** What the person who starts it reads: where it is, and in which mode each part works. */
export function startMessage(
  config: Config,
  { services, database }: Pick<RunningServer, "services" | "database">,
): string {
  const { model, forge, sandbox } = services
  const rows: [string, string][] = [
    ["Address", config.publicUrl],
    ["Apps", `${new URL(config.publicUrl).protocol}//*.${config.previewDomain}`],
    [
      "Model",
      model.provider === "demo"
        ? "demo, without a key (set CLAUDE_API_KEY for real answers)"
        : `${model.provider}, ${model.defaultModel}`,
    ],
    ["Checks", checksOf(config, forge.mode, sandbox.mode)],
    ["Sandbox", `${sandbox.mode}, ${sandbox.isolation === "none" ? "no isolation" : sandbox.isolation}`],
    [
      "Database",
      database.mode === "embedded"
        ? `embedded Postgres ${database.version}, in ${config.dataDir}`
        : `Postgres ${database.version}`,
    ],
  ]
  const table = rows.map(([name, value]) => `  ${name.padEnd(10)}${value}`).join("\n")
  const warning = sandbox.warning === null ? "" : `\n  Warning: ${sandbox.warning}\n`
  return `\nGo Chat ${version} is ready\n\n${table}\n${warning}\n`
}
