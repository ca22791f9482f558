/** Asks for a line that is not shown while it is typed; null where nobody can be asked. */
export async function askSecret(question: string): Promise<string | null> {
  const { stdin, stderr } = process
  if (!stdin.isTTY) return null
  stderr.write(question)
  stdin.setRawMode(true)
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
