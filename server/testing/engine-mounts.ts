import { readFileSync } from "node:fs"

/** Takes away mounts that an engine left in its folder, deepest first; without that the folder cannot be removed. */
export function unmountBelow(folder: string): void {
  const places = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((place) => place.startsWith(`${folder}/`))
  for (const place of places.toReversed()) Bun.spawnSync(["umount", "--lazy", place])
}
