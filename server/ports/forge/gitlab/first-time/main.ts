/** `bun run gitlab:setup`: the first steps at a GitLab, as far as its API goes. */
import { join } from "node:path"
import { SetupFailed } from "./admin-api.ts"
import { askSecret } from "./ask-secret.ts"
import { readIfThere, valueIn } from "./env-file.ts"
import { readOptions, usage } from "./options.ts"
import { setUpGitLab } from "./set-up.ts"

const standardEnvFile = join(import.meta.dir, "../../../../../.env")
const say = (words: string) => void process.stderr.write(`${words}\n`)
const print = (text: string) => void process.stdout.write(text)

async function main(): Promise<void> {
  const options = await readOptions(process.argv.slice(2), standardEnvFile, async (path) => {
    const file = await readIfThere(path)
    return (name) => process.env[name]?.trim() || valueIn(file, name)
  })
  if (options === null) return print(usage)
  const token = process.env["GITLAB_ADMIN_TOKEN"]?.trim() || (await askSecret("Token of a GitLab administrator: "))
  if (!token) throw new SetupFailed("Put the token of a GitLab administrator into GITLAB_ADMIN_TOKEN.")
  const changes = await setUpGitLab(options, token, { say, print })
  say(changes.length === 0 ? "Everything was there." : "GitLab is ready for Go Chat.")
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (!(error instanceof SetupFailed)) throw error
    say(error.message)
    process.exit(1)
  },
)
