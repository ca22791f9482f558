import { type Anthropic, APIError } from "@anthropic-ai/sdk"
import type { ModelInfo } from "../port.ts"

const freshMs = 10 * 60_000
const failedFreshMs = 15_000
const answerMs = 5_000
const usualWindow = 200_000

export interface CatalogueOptions {
  client: Anthropic
  defaultModel: string
  /** Empty = all. */
  allowedModels: readonly string[]
}

interface Known {
  models: Anthropic.ModelInfo[]
  reachable: boolean
  until: number
}

/** What the provider offers, asked at most every ten minutes. */
export class Catalogue {
  #known: Known | null = null
  #asking: Promise<Known> | null = null

  constructor(private readonly options: CatalogueOptions) {}

  async list(): Promise<ModelInfo[]> {
    const { defaultModel, allowedModels } = this.options
    const { models } = await this.#ask()
    const offered = models
      .filter(({ id }) => id !== defaultModel && (allowedModels.length === 0 || allowedModels.includes(id)))
      .map(({ id, display_name }) => ({ id, name: display_name || id }))
    return [{ id: defaultModel, name: this.#find(defaultModel)?.display_name || defaultModel }, ...offered]
  }

  async health(): Promise<"healthy" | "unhealthy"> {
    return (await this.#ask()).reachable ? "healthy" : "unhealthy"
  }

  window(model: string): number {
    return this.#find(model)?.max_input_tokens || usualWindow
  }

  /** No more than the model can write; what is not known is left to the provider. */
  outputLimit(model: string, wanted: number): number {
    return Math.min(wanted, this.#find(model)?.max_tokens || wanted)
  }

  #find(model: string): Anthropic.ModelInfo | undefined {
    return this.#known?.models.find(({ id }) => id === model)
  }

  #ask(): Promise<Known> {
    if (this.#known !== null && performance.now() < this.#known.until) return Promise.resolve(this.#known)
    this.#asking ??= this.#load().finally(() => (this.#asking = null))
    return this.#asking
  }

  async #load(): Promise<Known> {
    try {
      const page = await this.options.client.models.list({ limit: 1000 }, { timeout: answerMs })
      this.#known = { models: page.data, reachable: true, until: performance.now() + freshMs }
    } catch (error) {
      // A gateway may answer messages without having a list of models.
      const reachable = error instanceof APIError && (error.status === 404 || error.status === 405)
      this.#known = { models: this.#known?.models ?? [], reachable, until: performance.now() + failedFreshMs }
    }
    return this.#known
  }
}
