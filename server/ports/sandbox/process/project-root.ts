import { join } from "node:path"

/** Folder of Go Chat itself: its `.env` and sources are nothing for an app. */
export const projectRoot = join(import.meta.dir, "../../../..")
