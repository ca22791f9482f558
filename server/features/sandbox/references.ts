/**
 * Fills in the references of the specification. Those to the machine (`${localEnv:NAME}`) would be variables of the
 * server: an app gets none of them, only the default that stands beside the name. Folders are the working directory.
 */
export function withoutReferences(text: string): string {
  return text
    .replaceAll(/\$\{(?:localEnv|containerEnv):[^:}]*(?::([^}]*))?\}/g, (_, fallback = "") => fallback)
    .replaceAll(/\$\{(?:local|container)WorkspaceFolder\}/g, ".")
    .replaceAll(/\$\{(?:local|container)WorkspaceFolderBasename\}/g, "workspace")
    .replaceAll("${devcontainerId}", "")
}

/** As `withoutReferences`, for every value. */
export const valuesWithoutReferences = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, withoutReferences(value)]))
