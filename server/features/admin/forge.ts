import type { AdminForge } from "../../../shared/admin.ts"
import { AppError } from "../../app-error.ts"
import type { Services } from "../../context.ts"

/** What the last look at GitLab found; null when this server has none. */
export const forgeSetup = ({ forgeSetup }: Pick<Services, "forgeSetup">): AdminForge | null => forgeSetup.report()

/** Looks at GitLab now. */
export async function checkForge({ forgeSetup }: Pick<Services, "forgeSetup">): Promise<AdminForge> {
  const report = await forgeSetup.check()
  if (report !== null) return report
  throw new AppError("not_found", "This server has no GitLab. Set GITLAB_URL and GITLAB_TOKEN, and start it again.")
}
