import type { Services } from "../../context.ts"
import { anyUser } from "./store.ts"

/** Whether anybody has an account here; until then the next one to sign up owns the server. */
export const hasPeople = ({ db }: Pick<Services, "db">): Promise<boolean> => anyUser(db)
