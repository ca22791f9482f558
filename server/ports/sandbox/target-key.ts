import type { SandboxTarget } from "./port.ts"

/** One text for a target, the same for equal ones. */
export const targetKey = ({ projectId, kind, ref }: SandboxTarget): string => `${projectId}/${kind}/${ref}`
