import type { GrammarState, HighlighterCore, LanguageInput, ThemedToken } from "shiki/core"

const grammars = {
  bash: () => import("shiki/langs/bash.mjs"),
  css: () => import("shiki/langs/css.mjs"),
  html: () => import("shiki/langs/html.mjs"),
  javascript: () => import("shiki/langs/javascript.mjs"),
  json: () => import("shiki/langs/json.mjs"),
  jsx: () => import("shiki/langs/jsx.mjs"),
  markdown: () => import("shiki/langs/markdown.mjs"),
  python: () => import("shiki/langs/python.mjs"),
  sql: () => import("shiki/langs/sql.mjs"),
  tsx: () => import("shiki/langs/tsx.mjs"),
  typescript: () => import("shiki/langs/typescript.mjs"),
  yaml: () => import("shiki/langs/yaml.mjs"),
} satisfies Record<string, LanguageInput>

export type Language = keyof typeof grammars

const aliases: Record<string, Language> = {
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  ts: "typescript",
  mts: "typescript",
  py: "python",
  sh: "bash",
  shell: "bash",
  zsh: "bash",
  yml: "yaml",
  md: "markdown",
  htm: "html",
  svg: "html",
  xml: "html",
  jsonc: "json",
}

/** The grammar for a fence's language or a file's extension; null when there is none. */
export function languageOf(name: string): Language | null {
  const lower = name.toLowerCase()
  if (lower in grammars) return lower as Language
  return aliases[lower] ?? null
}

export const extensionOf = (path: string): string => /\.([A-Za-z0-9]+)$/.exec(path)?.[1] ?? ""

let core: Promise<HighlighterCore> | null = null
async function makeCore(): Promise<HighlighterCore> {
  const [{ createHighlighterCore, createCssVariablesTheme }, { createJavaScriptRegexEngine }] = await Promise.all([
    import("shiki/core"),
    import("shiki/engine/javascript"),
  ])
  return createHighlighterCore({
    themes: [createCssVariablesTheme({ name: "gochat", variablePrefix: "--shiki-" })],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  })
}

/** Loads the engine and one grammar on first use. */
export async function loadHighlighter(language: Language): Promise<LineHighlighter> {
  core ??= makeCore()
  const highlighter = await core
  if (!highlighter.getLoadedLanguages().includes(language)) await highlighter.loadLanguage(grammars[language])
  return new LineHighlighter(highlighter, language)
}

/** Colours code line by line and keeps what it did, so that code which grows costs its new lines only. */
export class LineHighlighter {
  #source: string[] = []
  #tokens: ThemedToken[][] = []
  #states: (GrammarState | undefined)[] = []

  constructor(
    readonly highlighter: HighlighterCore,
    readonly language: Language,
  ) {}

  lines(code: string): readonly ThemedToken[][] {
    const source = code.split("\n")
    let same = 0
    while (same < source.length && source[same] === this.#source[same]) same++
    this.#tokens.length = same
    this.#states.length = same
    for (let index = same; index < source.length; index++) {
      const options = {
        lang: this.language,
        theme: "gochat",
        // A line that is given up half-way would colour all lines after it wrong; a very long one stays plain.
        tokenizeTimeLimit: 0,
        tokenizeMaxLineLength: 2000,
        grammarState: index === 0 ? undefined : this.#states[index - 1],
      }
      const line = source[index] ?? ""
      const result = this.highlighter.codeToTokens(line, options)
      this.#tokens[index] = result.tokens[0] ?? []
      this.#states[index] = result.grammarState
    }
    this.#source = source
    return this.#tokens.slice()
  }
}
