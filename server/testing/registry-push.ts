import type Docker from "dockerode"
import type { Login } from "./registry.ts"

/** Pushes an image of the engine under another name, which the engine does not keep. */
export async function pushAs(docker: Docker, image: string, name: string, login: Login): Promise<void> {
  const [, repo = "", tag = ""] = /^(.*):([^:/]+)$/.exec(name) ?? []
  await docker.getImage(image).tag({ repo, tag })
  const renamed = docker.getImage(name)
  try {
    const authconfig = { username: login.user, password: login.password, serveraddress: repo.split("/")[0] ?? "" }
    let said = ""
    for await (const chunk of await renamed.push({ tag, authconfig })) said += String(chunk)
    if (said.includes('"error"')) throw new Error(said)
  } finally {
    await renamed.remove()
  }
}
