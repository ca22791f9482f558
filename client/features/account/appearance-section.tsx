import { useState } from "react"
import { cx } from "../../lib/cx.ts"
import { strings } from "../../lib/strings.ts"
import { chooseTheme, storedTheme, type Theme } from "../../lib/theme.ts"
import { Section } from "./section.tsx"

const themes: readonly Theme[] = ["system", "light", "dark"]

/** Light, dark, or as the system. */
export function AppearanceSection() {
  const [theme, setTheme] = useState(storedTheme)
  return (
    <Section title={strings.settings.appearance}>
      <div role="radiogroup" aria-label={strings.settings.appearance} className="grid grid-cols-3 gap-2">
        {themes.map((name) => (
          <label
            key={name}
            className={cx(
              "flex min-h-11 cursor-pointer items-center justify-center rounded-md border px-3 text-center text-[14px] has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
              theme === name ? "border-accent bg-accent-soft font-semibold" : "border-line-strong hover:bg-hover",
            )}
          >
            <input
              type="radio"
              name="theme"
              className="sr-only"
              checked={theme === name}
              onChange={() => {
                setTheme(name)
                chooseTheme(name)
              }}
            />
            {strings.settings.theme[name]}
          </label>
        ))}
      </div>
    </Section>
  )
}
