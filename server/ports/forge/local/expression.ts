import { ChecksFileError, unsupported } from "./checks-file-error.ts"

/** The condition of `rules: if`. */
export type Expression =
  | { type: "variable"; name: string }
  | { type: "value"; value: string | null }
  | { type: "equals"; left: Expression; right: Expression; negated: boolean }
  | { type: "and" | "or"; left: Expression; right: Expression }

/** Value of a variable; null when it is not set. */
export type Lookup = (name: string) => string | null

/** Does the condition hold? A variable alone holds when it is set and not empty. */
export function holds(expression: Expression, lookup: Lookup): boolean {
  if (expression.type === "and") return holds(expression.left, lookup) && holds(expression.right, lookup)
  if (expression.type === "or") return holds(expression.left, lookup) || holds(expression.right, lookup)
  if (expression.type !== "equals") return Boolean(operand(expression, lookup))
  return (operand(expression.left, lookup) === operand(expression.right, lookup)) !== expression.negated
}

function operand(expression: Expression, lookup: Lookup): string | null {
  if (expression.type === "variable") return lookup(expression.name)
  if (expression.type === "value") return expression.value
  return holds(expression, lookup) ? "true" : null
}

/** Names of the variables that a condition asks for. */
export function variablesOf(expression: Expression): string[] {
  if (expression.type === "variable") return [expression.name]
  if (expression.type === "value") return []
  return [...variablesOf(expression.left), ...variablesOf(expression.right)]
}

const token = /\s*(?:(\$\w+|\$\{\w+\})|"([^"]*)"|'([^']*)'|(==|!=|&&|\|\||\(|\)|null\b)|(=~|!~|!|[^\s]+))/y

type Token = { type: "operand"; expression: Expression } | { type: "symbol"; symbol: string }

/** Longest condition that is read; keeps the reader's recursion small. */
const charsMost = 2_000

/** Reads a condition; throws `ChecksFileError` that names what it does not know. */
export function parseExpression(text: string, line: number): Expression {
  if (text.length > charsMost) throw new ChecksFileError("A condition of the checks file is too long", line)
  const tokens = tokensOf(text, line)
  let next = 0
  const broken = () =>
    new ChecksFileError(`The checks file has a condition that cannot be read: \`${text.trim()}\``, line)
  const take = (symbol: string): boolean => {
    const found = tokens[next]
    if (found?.type !== "symbol" || found.symbol !== symbol) return false
    next++
    return true
  }
  const or = (): Expression => {
    let left = and()
    while (take("||")) left = { type: "or", left, right: and() }
    return left
  }
  const and = (): Expression => {
    let left = comparison()
    while (take("&&")) left = { type: "and", left, right: comparison() }
    return left
  }
  const comparison = (): Expression => {
    const left = single()
    const negated = take("!=")
    if (!negated && !take("==")) return left
    return { type: "equals", left, right: single(), negated }
  }
  const single = (): Expression => {
    if (take("(")) {
      const inner = or()
      if (!take(")")) throw broken()
      return inner
    }
    const found = tokens[next++]
    if (found?.type !== "operand") throw broken()
    return found.expression
  }
  const expression = or()
  if (next !== tokens.length) throw broken()
  return expression
}

function tokensOf(text: string, line: number): Token[] {
  const tokens: Token[] = []
  const end = text.trimEnd().length
  token.lastIndex = 0
  while (token.lastIndex < end) {
    const match = token.exec(text)
    if (match === null) break
    const [, variable, double, single, symbol, other] = match
    if (other !== undefined) throw unsupported(/^(?:=~|!~|!)/.exec(other)?.[0] ?? other, line)
    if (variable !== undefined) {
      tokens.push({ type: "operand", expression: { type: "variable", name: variable.replaceAll(/[${}]/g, "") } })
    } else if (symbol !== undefined && symbol !== "null") tokens.push({ type: "symbol", symbol })
    else tokens.push({ type: "operand", expression: { type: "value", value: double ?? single ?? null } })
  }
  return tokens
}
