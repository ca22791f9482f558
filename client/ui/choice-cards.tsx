import { useId } from "react"
import { cx } from "../lib/cx.ts"

interface ChoiceCardsProps<T extends string> {
  title: string
  choices: readonly T[]
  chosen: T
  words: Record<T, string>
  hints: Record<T, string>
  onChoose: (choice: T) => void
}

/** A few choices below each other, each with what it means; one of them holds. */
export function ChoiceCards<T extends string>({ title, choices, chosen, words, hints, onChoose }: ChoiceCardsProps<T>) {
  const name = useId()
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 text-sm font-semibold">{title}</legend>
      {choices.map((choice) => (
        <label
          key={choice}
          className={cx(
            "grid min-h-11 cursor-pointer grid-cols-[auto_1fr] items-center gap-x-3 rounded-md border px-3 py-2.5 font-semibold has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
            chosen === choice ? "border-accent bg-accent-soft" : "border-line-strong hover:bg-hover",
          )}
        >
          <input
            type="radio"
            name={name}
            className="accent-accent"
            checked={chosen === choice}
            onChange={() => onChoose(choice)}
          />
          {words[choice]}
          <span className="col-start-2 text-sm font-normal text-muted">{hints[choice]}</span>
        </label>
      ))}
    </fieldset>
  )
}
