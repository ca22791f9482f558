const units = ["B", "kB", "MB", "GB"]

/** "812 B", "1.4 kB", "23 MB": how large a file is. */
export function fileSize(bytes: number): string {
  let size = bytes
  let unit = 0
  // 999.5 kB would read "1000 kB".
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  const digits = unit === 0 || size >= 9.95 ? 0 : 1
  return `${size.toFixed(digits)} ${units[unit]}`
}
