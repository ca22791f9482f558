import { type Incoming, listen } from "./http/serve.ts"

/** Takes hooks, as a test wants. */
export interface Receiver {
  readonly url: string
  readonly got: { path: string; headers: Headers; body: string }[]
  /** What it answers. */
  status: number
  close(): Promise<void>
}

/** Starts what takes hooks on loopback. */
export async function startReceiver(): Promise<Receiver> {
  const server = await listen(async ({ url, headers, body }: Incoming) => {
    receiver.got.push({ path: url, headers, body: new TextDecoder().decode(body) })
    return { status: receiver.status, headers: {}, body: "" }
  })
  const receiver: Receiver = {
    url: `http://127.0.0.1:${server.port}/hook`,
    got: [],
    status: 200,
    close: () => server.close(),
  }
  return receiver
}
