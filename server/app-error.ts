import { type ErrorKind, errors } from "../shared/errors.ts"

/**
 * The only error that verbs throw. `kind` picks code, status and words from `shared/errors.ts`;
 * `detail` is shown to the person under the words, so it is plain and holds no secret.
 */
export class AppError extends Error {
  override readonly name = "AppError"

  constructor(
    readonly kind: ErrorKind,
    readonly detail: string | null = null,
    options?: ErrorOptions,
  ) {
    super(detail ?? errors[kind].words, options)
  }
}
