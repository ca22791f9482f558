import packageJson from "../../../package.json"
import { fileLimits } from "../../../shared/file.ts"
import type { SystemInfo } from "../../../shared/system.ts"
import type { Services } from "../../context.ts"
import { hasPeople } from "../account/has-people.ts"
import { offeredTemplates } from "../project/templates.ts"

/** What this server is and can do; for everybody, so nothing here is about a person. */
export async function systemInfo(services: Services): Promise<SystemInfo> {
  const { config, model, forge, sandbox } = services
  const [owned, models] = await Promise.all([hasPeople(services), model.list()])
  return {
    version: packageJson.version,
    signup: owned ? (config.enableSignup ? "open" : "closed") : "first",
    demo: model.provider === "demo",
    demoScenes: [...model.scenes],
    models,
    model: model.defaultModel,
    forge: forge.mode,
    sandbox: { mode: sandbox.mode, isolation: sandbox.isolation, warning: sandbox.warning },
    templates: [...offeredTemplates(sandbox.mode)],
    publicUrl: config.publicUrl,
    limits: {
      messageChars: config.maxMessageChars,
      projects: config.maxProjectsPerUser,
      containers: config.maxContainersPerUser,
      writtenBytes: fileLimits.writtenBytes,
      files: fileLimits.files,
      treeBytes: fileLimits.treeBytes,
    },
  }
}
