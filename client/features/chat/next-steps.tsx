import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { Chip } from "../../ui/chip.tsx"

/** What one could ask for next; pressing it asks. */
export function NextSteps({ steps }: { steps: readonly string[] }) {
  const { outbox } = useOpenProject()
  return (
    <ul aria-label={strings.chat.steps} className="flex flex-wrap gap-2">
      {steps.map((words) => (
        <li key={words}>
          <Chip onClick={() => outbox.add(words)}>{words}</Chip>
        </li>
      ))}
    </ul>
  )
}
