import { Check } from "lucide-react"
import { useState } from "react"
import type { MessagePart } from "../../../shared/message.ts"
import { useOpenProject } from "../../lib/project-stream.tsx"
import { strings } from "../../lib/strings.ts"
import { Button } from "../../ui/button.tsx"
import { Chip } from "../../ui/chip.tsx"
import { cx } from "../../lib/cx.ts"
import { focusComposer } from "./composer-focus.ts"

type Question = Extract<MessagePart, { type: "question" }>

/** What the AI wants to know: a choice answers at once, several questions are answered together, words of one's own are always possible. */
export function Questions({
  questions,
  active,
  answer,
}: {
  questions: readonly Question[]
  active: boolean
  /** What the person said to it. */
  answer?: string
}) {
  const { outbox } = useOpenProject()
  const [chosen, setChosen] = useState<readonly (string | undefined)[]>([])
  const single = questions.length === 1
  const choose = (index: number, choice: string) => {
    if (single) return outbox.add(choice)
    setChosen(questions.map((_, at) => (at === index ? choice : chosen[at])))
  }
  const ready = questions.every((question, index) => question.choices.length === 0 || chosen[index] !== undefined)
  return (
    <div className="grid gap-4 rounded-xl border border-line bg-surface p-4">
      {questions.map((question, index) => (
        <fieldset key={index} disabled={!active} className="grid gap-2.5">
          <legend className="mb-2.5 font-semibold">{question.question}</legend>
          <div className="flex flex-wrap gap-2">
            {question.choices.map((choice) => (
              <Chip
                key={choice}
                aria-pressed={single ? (active ? undefined : answer === choice) : chosen[index] === choice}
                onClick={() => choose(index, choice)}
                className={cx(
                  (chosen[index] === choice || (single && answer === choice)) &&
                    "border-accent! bg-accent-soft! disabled:opacity-100",
                )}
              >
                {single && answer === choice ? <Check className="size-3.5 text-accent" aria-hidden /> : null}
                {choice}
              </Chip>
            ))}
            {single && active ? (
              <Chip onClick={focusComposer} className="border-dashed text-muted">
                {strings.chat.otherAnswer}
              </Chip>
            ) : null}
          </div>
        </fieldset>
      ))}
      {active && !single ? (
        <div className="flex flex-wrap gap-2">
          <Button
            small
            look="primary"
            disabled={!ready}
            onClick={() =>
              outbox.add(questions.map((question, index) => `${question.question} ${chosen[index] ?? ""}`).join("\n"))
            }
          >
            {strings.chat.send}
          </Button>
          <Button look="quiet" small onClick={focusComposer}>
            {strings.chat.otherAnswer}
          </Button>
        </div>
      ) : null}
    </div>
  )
}
