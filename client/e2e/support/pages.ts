/** A whole page whose heading says which one it is. */
export const pageOf = (heading: string, script = ""): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>${heading}</title>
  </head>
  <body>
    <h1>${heading}</h1>
    ${script === "" ? "" : `<script>${script}</script>`}
  </body>
</html>
`

/** The call of a model that writes a file. */
export const write = (path: string, content: string) => ({ tool: "write_file", input: { path, content } })

/** The last call of an answer. */
export const finish = (summary: string, nextSteps: string[] = []) => ({
  tool: "finish",
  input: { summary, nextSteps },
})
