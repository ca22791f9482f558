import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter"

/** Ends the run with the one line that says it all: `N passed, N failed`. */
export default class SummaryReporter implements Reporter {
  readonly #outcomes = new Map<string, boolean>()

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status !== "skipped") this.#outcomes.set(test.id, test.outcome() !== "unexpected")
  }

  onEnd(result: FullResult): void {
    const passed = [...this.#outcomes.values()].filter(Boolean).length
    const failed = Math.max(this.#outcomes.size - passed, result.status === "passed" ? 0 : 1)
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
  }

  printsToStdio(): boolean {
    return true
  }
}
