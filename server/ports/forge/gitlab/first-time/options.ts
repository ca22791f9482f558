import { parseArgs } from "node:util"
import { SetupFailed } from "./admin-api.ts"

export const usage = `Prepares a GitLab for Go Chat. Run it as often as you like: what is there stays as it is.

  bun run gitlab:setup [options]

It reads GITLAB_URL, GITLAB_GROUP and PUBLIC_URL (also from the file below) and GITLAB_ADMIN_TOKEN, a token of a GitLab
administrator with the scope "api". Without it the token is asked for, or read from what is piped in; it is never kept.

  --env <file>            where GITLAB_URL, GITLAB_TOKEN and GITLAB_GROUP are written to (.env of this folder)
  --print                 prints these lines in place of writing them, when there is a new token
  --runner-config <file>  makes a runner and writes its config.toml
  --runner                makes a runner and prints the command that sets it up elsewhere
  --close-signup          nobody makes an account at this GitLab by himself any more
  --another               makes a new token and runner where there are some that nobody can read any more
  --wait <minutes>        how long GitLab is waited for (15)
`

export interface Options {
  url: string
  group: string
  publicUrl: string | null
  /** The token that Go Chat has. */
  token: string | null
  envFile: string
  print: boolean
  runnerConfig: string | null
  printRunner: boolean
  closeSignup: boolean
  another: boolean
  waitMs: number
}

/** null: only the usage was asked for. Throws `SetupFailed` for what cannot be used. `settingIn` knows environment and file. */
export async function readOptions(
  argv: string[],
  standardEnvFile: string,
  settingIn: (envFile: string) => Promise<(name: string) => string | null>,
): Promise<Options | null> {
  const { values } = parsed(argv)
  if (values.help === true) return null
  const envFile = values.env ?? standardEnvFile
  const setting = await settingIn(envFile)
  const url = (setting("GITLAB_URL") ?? "").replace(/\/+$/, "")
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new SetupFailed("Say where GitLab is, for example GITLAB_URL=https://gitlab.example.com.")
  }
  const group = setting("GITLAB_GROUP") ?? "go-chat"
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(group)) throw new SetupFailed("GITLAB_GROUP must be the path of a group.")
  const minutes = Number(values.wait ?? "15")
  if (!(minutes >= 0 && minutes <= 120)) throw new SetupFailed("--wait takes minutes, at most 120.")
  const publicUrl = setting("PUBLIC_URL")
  if (publicUrl !== null && !URL.canParse(publicUrl)) throw new SetupFailed("PUBLIC_URL must be an address.")
  return {
    url,
    group,
    publicUrl,
    token: setting("GITLAB_TOKEN"),
    envFile,
    print: values.print === true,
    runnerConfig: values["runner-config"] ?? null,
    printRunner: values.runner === true,
    closeSignup: values["close-signup"] === true,
    another: values.another === true,
    waitMs: minutes * 60_000,
  }
}

function parsed(args: string[]) {
  const flag = { type: "boolean" } as const
  const text = { type: "string" } as const
  try {
    return parseArgs({
      args,
      options: {
        env: text,
        print: flag,
        "runner-config": text,
        runner: flag,
        "close-signup": flag,
        another: flag,
        wait: text,
        help: { ...flag, short: "h" },
      },
    })
  } catch (error) {
    throw new SetupFailed(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
}
