/** Asks for a line that is not shown while it is typed, or takes what another program pipes in; null when there is none. */
export async function askSecret(question: string): Promise<string | null> {
  const { stdin, stderr } = process
  // Of what a program says the last line is its result.
  if (!stdin.isTTY) return (await Bun.stdin.text()).trim().split("\n").at(-1)?.trim() || null
  // First, so that nothing that is typed at once is shown.
  stdin.setRawMode(true)
  stderr.write(question)
  try {
    let typed = ""
    for await (const piece of stdin) {
      for (const key of String(piece)) {
        if (key === "\r" || key === "\n") return typed.trim()
        if (key === "\u0003" || key === "\u0004") return null
        typed = key === "\u007f" || key === "\b" ? typed.slice(0, -1) : typed + key
      }
    }
    return null
  } finally {
    stdin.setRawMode(false)
    stderr.write("\n")
  }
}
