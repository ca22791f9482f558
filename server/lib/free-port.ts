import { createServer } from "node:net"

/** A TCP port that is free on 127.0.0.1 right now. Another process may take it first: whoever uses it must be ready to ask again. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => {
        if (address && typeof address === "object") resolve(address.port)
        else reject(new Error("The system gave no port."))
      })
    })
  })
}
