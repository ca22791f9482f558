/** Why a checks file (`.gitlab-ci.yml`) was refused, in plain words that name the line. */
export class ChecksFileError extends Error {
  override readonly name = "ChecksFileError"

  constructor(
    words: string,
    readonly line: number | null,
  ) {
    super(line === null ? words : `${words} (line ${line})`)
  }
}

/** Something that GitLab may know and this runner does not. */
export const unsupported = (word: string, line: number): ChecksFileError =>
  new ChecksFileError(`The checks file uses \`${word}\`, which is not supported here`, line)
