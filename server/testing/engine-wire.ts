import { rmSync } from "node:fs"

/** A second address of an engine, whose connections a test can cut. */
export interface EngineWire {
  /** As `DOCKER_HOST`. */
  readonly host: string
  /** Ends every connection at once; new ones go through. */
  cut(): void
  close(): void
}

/** Listens at the path of a socket and hands everything on to the engine at `host` (`unix://…`). */
export function wireTo(host: string, path: string): EngineWire {
  interface Ends {
    other: Bun.Socket<unknown> | null
    waiting: Uint8Array[]
  }
  const open = new Set<{ end(): void }>()
  const send = (socket: Bun.Socket<unknown>, chunk: Uint8Array) => {
    // The test's messages are small: what a socket does not take at once is not expected.
    if (socket.write(chunk) !== chunk.length) socket.end()
  }
  const server = Bun.listen<Ends>({
    unix: path,
    socket: {
      open: (near) => {
        near.data = { other: null, waiting: [] }
        open.add(near)
        void Bun.connect({
          unix: host.slice("unix://".length),
          socket: {
            open: (far) => {
              near.data.other = far
              open.add(far)
              for (const chunk of near.data.waiting) send(far, chunk)
            },
            data: (_far, chunk) => send(near, chunk),
            close: (far) => {
              open.delete(far)
              near.end()
            },
          },
        }).catch(() => near.end())
      },
      data: (near, chunk) => {
        if (near.data.other === null) near.data.waiting.push(Uint8Array.from(chunk))
        else send(near.data.other, chunk)
      },
      close: (near) => {
        open.delete(near)
        near.data.other?.end()
      },
    },
  })
  return {
    host: `unix://${path}`,
    cut: () => {
      for (const socket of open) socket.end()
    },
    close: () => {
      server.stop(true)
      rmSync(path, { force: true })
    },
  }
}
