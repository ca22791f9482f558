import { chmod } from "node:fs/promises"
import { join } from "node:path"
import type { Project, World } from "../world.ts"
import { gitEnvironment, gitLine, repoOf } from "./git.ts"

/** Refuses what the list of protected branches in the repository's folder forbids, in GitLab's words. */
const preReceive = `#!/bin/sh
zero=0000000000000000000000000000000000000000
while read -r old new ref; do
  branch="\${ref#refs/heads/}"
  while read -r name push force; do
    case "$branch" in $name) ;; *) continue ;; esac
    if [ "$push" = no ]; then
      echo "GitLab: You are not allowed to push code to protected branches on this project." >&2; exit 1
    fi
    [ "$old" = $zero ] && continue
    if [ "$new" = $zero ]; then
      echo "GitLab: You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch." >&2; exit 1
    fi
    if [ "$force" = no ] && ! git merge-base --is-ancestor "$old" "$new"; then
      echo "GitLab: You are not allowed to force push code to a protected branch on this project." >&2; exit 1
    fi
  done < ./protected-branches
done
exit 0
`

/** Makes the bare repository of a project, to which can be pushed. */
export async function createRepo(world: World, project: Project): Promise<void> {
  const dir = repoOf(world, project)
  const git = Bun.spawn(["git", "init", "--quiet", "--bare", `--initial-branch=${project.defaultBranch}`, dir], {
    env: gitEnvironment,
    stdio: ["ignore", "ignore", "ignore"],
  })
  await git.exited
  await Bun.write(
    join(dir, "config"),
    `${await Bun.file(join(dir, "config")).text()}[http]\n\treceivepack = true\n[uploadpack]\n\tallowReachableSHA1InWant = true\n[gc]\n\tauto = 0\n[receive]\n\tautogc = false\n\tadvertisePushOptions = true\n`,
  )
  await Bun.write(join(dir, "hooks/pre-receive"), preReceive)
  await chmod(join(dir, "hooks/pre-receive"), 0o755)
  await writeProtections(world, project)
}

/** Tells the repository which branches are protected, and from whom. */
export async function writeProtections(world: World, project: Project): Promise<void> {
  const lines = project.protections.map((protection) => {
    const push = protection.pushLevel > 0 && world.settings.accessLevel >= protection.pushLevel ? "yes" : "no"
    return `${protection.name} ${push} ${protection.allowForcePush ? "yes" : "no"}\n`
  })
  await Bun.write(join(repoOf(world, project), "protected-branches"), lines.join(""))
}

/** A change of the default branch is a change of what HEAD names. */
export async function pointHead(world: World, project: Project): Promise<void> {
  await gitLine(repoOf(world, project), ["symbolic-ref", "HEAD", `refs/heads/${project.defaultBranch}`])
}
