// Runs before the first paint, as a file of its own because the page allows no inline script.
try {
  const theme = localStorage.getItem("gochat.theme")
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme
} catch {
  // Storage can be closed; the system's theme is used then.
}
