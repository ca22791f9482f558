import { z } from "zod"

const edit = z.strictObject({ path: z.string(), search: z.string().min(1), replace: z.string() })

/** One answer of the model: words, then calls. A step without a call could not be told apart from the one after it. */
const step = z
  .strictObject({
    say: z.string().min(1),
    /** Paths under `files/`, written whole. */
    write: z.array(z.string()).default([]),
    edit: z.array(edit).default([]),
    /** Summary of the `finish` call; its next steps are the follow-ups that are still open. */
    finish: z.string().min(1).optional(),
  })
  .refine((value) => value.write.length + value.edit.length > 0 || value.finish !== undefined, "a step needs a call")
export type Step = z.infer<typeof step>

const steps = z
  .array(step)
  .refine((all) => all.every((one, index) => (one.finish !== undefined) === (index === all.length - 1)), {
    message: "the last step finishes, and only the last",
  })

const followUp = z.strictObject({ wish: z.string(), match: z.array(z.string()).min(1), steps })
export type FollowUp = z.infer<typeof followUp>

/** `scene.yaml` of one folder under `templates/demo`. */
export const sceneFile = z.strictObject({
  /** Place in the list of what the demo can build. */
  order: z.int(),
  title: z.string(),
  /** What a person would ask for, as short as a chip. */
  wish: z.string(),
  about: z.string(),
  /** The starter that its files are made for. */
  template: z.enum(["static", "python-flask"]),
  match: z.array(z.string()).min(1),
  /** Words of which one has to be named as well, so that a wish without them means another scene. */
  only: z.array(z.string()).default([]),
  build: steps,
  followUps: z.array(followUp).min(1),
})

/** A scripted example: what is said and called, and the files it is about. */
export interface Scene extends Readonly<z.infer<typeof sceneFile>> {
  readonly name: string
  readonly files: ReadonlyMap<string, string>
}
