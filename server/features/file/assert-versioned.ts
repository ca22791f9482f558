import { AppError } from "../../app-error.ts"
import { isIgnored } from "../../lib/tree/ignores.ts"
import { checkWritablePath } from "./check-path.ts"

/** Throws when a new file at this path would stay out of the versions, so that no other copy of the app had it. */
export function assertVersioned(root: string, path: string): void {
  const normal = checkWritablePath(path)
  if (!isIgnored(root, normal)) return
  throw new AppError(
    "bad_input",
    `${normal} is left out of versions by .gitignore, so the finished app would not have it. Choose another path, or change .gitignore first`,
  )
}
