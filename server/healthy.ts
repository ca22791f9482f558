/** For a container engine: ends with 0 when the server of the same environment is ready, else with 1. */
const host = Bun.env["HOST"] ?? "127.0.0.1"
const address = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host
const url = `http://${address}:${Bun.env["PORT"] ?? "3000"}/health/ready`

void fetch(url, { signal: AbortSignal.timeout(4_000) }).then(
  (answer) => process.exit(answer.ok ? 0 : 1),
  () => process.exit(1),
)
