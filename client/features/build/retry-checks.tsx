import type { Build } from "../../../shared/build.ts"
import { errorLine } from "../../lib/error-text.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { trpc } from "../../lib/trpc.ts"
import { Button } from "../../ui/button.tsx"
import { notify } from "../../ui/notice.tsx"

/** Runs again what of these checks is not green. */
export function RetryChecks({ build }: { build: Build }) {
  const { projectId } = useOpenProject()
  const retry = trpc.build.retry.useMutation({ onError: (error: unknown) => notify(errorLine(error), "bad") })
  return (
    <Button small busy={retry.isPending} onClick={() => retry.mutate({ projectId, buildId: build.id })}>
      {strings.build.retry}
    </Button>
  )
}
