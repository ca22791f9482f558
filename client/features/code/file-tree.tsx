import { Link } from "@tanstack/react-router"
import { ChevronRight, File } from "lucide-react"
import { useState } from "react"
import { cx } from "../../lib/cx.ts"
import { strings } from "../../lib/strings.ts"
import type { TreeNode } from "./tree-model.ts"

interface TreeProps {
  nodes: readonly TreeNode[]
  open: string | undefined
  sha: string | undefined
  depth?: number
}

/** Folders that unfold, and files that open; hidden folders start folded. */
export function FileTree({ nodes, open, sha, depth = 0 }: TreeProps) {
  return (
    <ul className="grid">
      {nodes.map((node) => (
        <li key={node.path}>
          {node.kind === "folder" ? (
            <Folder node={node} open={open} sha={sha} depth={depth} />
          ) : (
            <Link
              from="/projects/$projectId"
              to="."
              search={(now) => ({ ...now, tab: "code" as const, sha, file: node.path })}
              aria-current={node.path === open ? "page" : undefined}
              style={{ paddingInlineStart: 10 + depth * 14 }}
              className={cx(
                "flex min-h-7 items-center gap-2 rounded-sm pe-2 text-sm phone:min-h-11",
                node.path === open
                  ? "bg-accent-soft font-semibold text-text"
                  : "text-muted hover:bg-hover hover:text-text",
              )}
            >
              <File className="size-3.5 shrink-0" strokeWidth={1.75} aria-hidden />
              <span className="truncate">{node.name}</span>
            </Link>
          )}
        </li>
      ))}
    </ul>
  )
}

function Folder({
  node,
  open,
  sha,
  depth,
}: {
  node: Extract<TreeNode, { kind: "folder" }>
  open: string | undefined
  sha: string | undefined
  depth: number
}) {
  const [unfolded, setUnfolded] = useState(!node.name.startsWith(".") || (open?.startsWith(`${node.path}/`) ?? false))
  return (
    <>
      <button
        type="button"
        aria-expanded={unfolded}
        aria-label={strings.code.openFolder(node.name)}
        onClick={() => setUnfolded(!unfolded)}
        style={{ paddingInlineStart: 10 + depth * 14 }}
        className="flex min-h-7 w-full items-center gap-2 rounded-sm pe-2 text-sm text-muted hover:bg-hover hover:text-text phone:min-h-11"
      >
        <ChevronRight
          className={cx("size-3.5 shrink-0 transition-transform duration-150", unfolded && "rotate-90")}
          aria-hidden
        />
        <span className="truncate">{node.name}</span>
      </button>
      {unfolded ? <FileTree nodes={node.children} open={open} sha={sha} depth={depth + 1} /> : null}
    </>
  )
}
