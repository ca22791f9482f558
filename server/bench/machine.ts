import { cpus, release, totalmem, type } from "node:os"

/** One line that every figure is printed with. */
export function machine(): string {
  const processors = cpus()
  const model = processors[0]?.model.trim() ?? "unknown processor"
  const memory = Math.round(totalmem() / 1024 ** 3)
  return `machine: ${model}, ${processors.length} cores, ${memory} GB, ${type()} ${release()}, Bun ${Bun.version}`
}
