// The rules of the inventory. Nothing in here touches the page, so tests can use it as it is.

export const sampleParts = [
  { id: "1", name: "M6 bolts, 40 mm", supplier: "Hartmann", stock: 320, reorderAt: 100 },
  { id: "2", name: "Wood glue, 750 g", supplier: "Ponal", stock: 2, reorderAt: 4 },
  { id: "3", name: "Sanding discs, 120", supplier: "Bosch", stock: 18, reorderAt: 20 },
  { id: "4", name: "Hinges, brass", supplier: "Hettich", stock: 46, reorderAt: 10 },
  { id: "5", name: "Drawer slides, 450 mm", supplier: "Blum", stock: 14, reorderAt: 8 },
  { id: "6", name: "Danish oil, 1 l", supplier: "Rustins", stock: 0, reorderAt: 2 },
  { id: "7", name: "Masking tape, 30 mm", supplier: "Tesa", stock: 24, reorderAt: 6 },
  { id: "8", name: "Dowels, beech, 8 mm", supplier: "Hartmann", stock: 540, reorderAt: 200 },
]

/** "out" when nothing is left, "low" when it is time to reorder, else "fine". */
export function statusOf(part) {
  if (part.stock === 0) return "out"
  return part.stock <= part.reorderAt ? "low" : "fine"
}

export const needsReorder = (part) => statusOf(part) !== "fine"

/** The line under the title, for example "8 parts, 3 to reorder". */
export function summaryOf(parts) {
  if (parts.length === 0) return "No parts yet"
  const low = parts.filter(needsReorder).length
  const count = parts.length === 1 ? "1 part" : `${parts.length} parts`
  return low === 0 ? `${count}, nothing to reorder` : `${count}, ${low} to reorder`
}

/** The parts to show, in the order of their names. */
export function visibleParts(parts, { show }) {
  const chosen = show === "low" ? parts.filter(needsReorder) : parts
  return [...chosen].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
}

/** Takes from or adds to the stock of one part; it never goes below zero. */
export function changeStock(parts, id, by) {
  return parts.map((part) => (part.id === id ? { ...part, stock: Math.max(0, part.stock + by) } : part))
}

/** Puts a part in: replaces the one with the same id, or appends it. */
export function putPart(parts, part) {
  return parts.some((other) => other.id === part.id)
    ? parts.map((other) => (other.id === part.id ? part : other))
    : [...parts, part]
}

/** Reads the form. Gives the part, or the field that is not right and what is wrong with it. */
export function readPart(fields) {
  const name = fields.name.trim()
  if (name === "") return { problem: "Please give the part a name.", field: "name" }
  const stock = readCount(fields.stock)
  if (stock === null) return { problem: "In stock must be a whole number, 0 or more.", field: "stock" }
  const reorderAt = readCount(fields.reorderAt)
  if (reorderAt === null) return { problem: "Reorder at must be a whole number, 0 or more.", field: "reorderAt" }
  return { part: { name, supplier: fields.supplier.trim(), stock, reorderAt } }
}

function readCount(text) {
  const count = text.trim() === "" ? 0 : Number(text)
  return Number.isInteger(count) && count >= 0 ? count : null
}
