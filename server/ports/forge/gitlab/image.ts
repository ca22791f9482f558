import type { PipelineEvent } from "../port.ts"

/** The job that puts an image of the app into the registry. */
const deployJob = "deploy"

/** Adds to the green end the image that the pipeline made; null: the project has no registry. */
export async function* withImage(
  events: AsyncIterable<PipelineEvent>,
  image: string | null,
): AsyncGenerator<PipelineEvent> {
  let id: string | null = null
  let made = false
  for await (const event of events) {
    if (event.type === "planned") {
      const job = event.jobs.find(({ name }) => name === deployJob)
      id = job?.id ?? null
      made = job?.status === "success"
    } else if (event.type === "job" && event.jobId === id) made = event.status === "success"
    if (event.type !== "finished") yield event
    else yield { ...event, image: event.status === "success" && made ? image : null }
  }
}
