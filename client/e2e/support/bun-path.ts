/** The Bun that runs the servers of the journeys, also when Node runs the journeys themselves. */
export const bunPath = (): string => (process.versions["bun"] === undefined ? "bun" : process.execPath)
