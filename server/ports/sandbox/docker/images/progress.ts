import type { Said } from "./stream.ts"

/** So many per cent more before it is said again. */
const stepPercent = 3
const stepBytes = 10_000_000

interface Layer {
  current: number
  total: number
  fetched: boolean
}

/** Sums up what an engine says of the layers of an image that it fetches. */
export class PullProgress {
  readonly #layers = new Map<string, Layer>()
  #mark = ""
  #percent = -1
  #words = ""

  constructor(private readonly name: string) {
    this.#words = `Fetching the image ${name}…`
  }

  /** Takes a line; tells whether the work moved on by it. An engine that only tries again does not move. */
  add({ id, status, progressDetail }: Said): boolean {
    if (id === undefined || status === undefined || /^(Waiting|Retrying|Pulling from)/.test(status)) return false
    const layer = this.#layers.get(id) ?? { current: 0, total: 0, fetched: false }
    if (status === "Downloading" || status.startsWith("Copying blob")) {
      layer.current = progressDetail?.current ?? layer.current
      layer.total = progressDetail?.total ?? layer.total
    }
    if (/^(Verifying|Download complete|Extracting|Pull complete|Already exists)/.test(status)) layer.fetched = true
    this.#layers.set(id, layer)
    const mark = `${id} ${status} ${progressDetail?.current ?? ""}`
    const moved = mark !== this.#mark
    this.#mark = mark
    return moved
  }

  /** What to say now; null when it is about the same as before. */
  words(): string | null {
    const percent = this.#sum()
    if (percent === null) return this.#megabytes()
    if (percent < Math.min(100, this.#percent + stepPercent)) return null
    this.#percent = percent
    const words =
      percent === 100 ? `Unpacking the image ${this.name}…` : `Fetching the image ${this.name}… ${percent} %`
    if (words === this.#words) return null
    this.#words = words
    return words
  }

  /** A registry need not tell how much there is. */
  #megabytes(): string | null {
    const bytes = [...this.#layers.values()].reduce((sum, layer) => sum + layer.current, 0)
    const words = `Fetching the image ${this.name}… ${Math.floor(bytes / stepBytes) * 10} MB`
    if (bytes < stepBytes || words === this.#words) return null
    this.#words = words
    return words
  }

  /** Layers whose size is not known yet count like the others; what is there already or tiny does not count. */
  #sum(): number | null {
    const layers = [...this.#layers.values()]
    if (layers.length === 0) return null
    if (layers.every((layer) => layer.fetched)) return 100
    const sized = layers.filter((layer) => layer.total > 0)
    const unknown = layers.filter((layer) => layer.total === 0 && !layer.fetched).length
    const total = sized.reduce((sum, layer) => sum + layer.total, 0)
    if (total === 0) return null
    const current = sized.reduce((sum, layer) => sum + (layer.fetched ? layer.total : layer.current), 0)
    return Math.min(99, Math.floor((100 * current) / (total * (1 + unknown / sized.length))))
  }
}
