export type Theme = "system" | "light" | "dark"

const key = "gochat.theme"

/** What the person chose; `public/theme.js` applies the same value before the first paint. */
export function storedTheme(): Theme {
  const value = localStorage.getItem(key)
  return value === "light" || value === "dark" ? value : "system"
}

/** Applies and remembers a theme. The colours themselves follow `color-scheme` in `ui/theme.css`. */
export function chooseTheme(theme: Theme): void {
  if (theme === "system") {
    localStorage.removeItem(key)
    delete document.documentElement.dataset["theme"]
    return
  }
  localStorage.setItem(key, theme)
  document.documentElement.dataset["theme"] = theme
}
