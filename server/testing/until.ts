/** Looks until it is so; throws after `ms`. */
export async function until(isSo: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const end = performance.now() + ms
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`it did not become so within ${ms} ms: ${isSo.toString()}`)
    await Bun.sleep(20)
  }
}
