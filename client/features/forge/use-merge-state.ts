import { useStream } from "../../lib/project-stream.tsx"
import { type MergeState, mergeStateOf } from "./merge-state.ts"

/** What keeps this version of the open project from going live although its checks pass. */
export function useMergeState(sha: string | undefined): MergeState | null {
  const project = useStream((state) => state.project)
  const build = useStream((state) => state.builds.find((known) => known.sha === sha))
  return mergeStateOf(project, build)
}
