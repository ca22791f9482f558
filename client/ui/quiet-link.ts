/** The classes of a link among small words, at least 44 px high on a phone. */
export const quietLink =
  "inline-flex min-h-7 items-center gap-1.5 text-sm text-muted underline-offset-3 transition-colors duration-150 hover:text-text hover:underline phone:min-h-11"
