import type { FileEntry } from "../../../shared/file.ts"

export type TreeNode =
  | { kind: "folder"; name: string; path: string; children: TreeNode[] }
  | { kind: "file"; name: string; path: string; size: number }

/** Paths as a tree: folders first, then files, each by name. */
export function treeOf(files: readonly FileEntry[]): TreeNode[] {
  const root: TreeNode[] = []
  for (const file of files) {
    const names = file.path.split("/")
    let level = root
    for (const [index, name] of names.slice(0, -1).entries()) {
      const path = names.slice(0, index + 1).join("/")
      let folder = level.find((node) => node.kind === "folder" && node.name === name)
      if (folder === undefined) {
        folder = { kind: "folder", name, path, children: [] }
        level.push(folder)
      }
      level = folder.kind === "folder" ? folder.children : level
    }
    level.push({ kind: "file", name: names.at(-1) ?? file.path, path: file.path, size: file.size })
  }
  return sorted(root)
}

function sorted(nodes: TreeNode[]): TreeNode[] {
  nodes.sort((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name, "en") : a.kind === "folder" ? -1 : 1))
  for (const node of nodes) if (node.kind === "folder") sorted(node.children)
  return nodes
}

/** The file a person wants to see first. */
export function firstFile(files: readonly FileEntry[]): string | undefined {
  const paths = files.map((file) => file.path)
  return (
    ["index.html", "src/App.tsx", "src/main.tsx", "README.md"].find((path) => paths.includes(path)) ??
    paths.find((path) => !path.startsWith("."))
  )
}
