// oxlint-disable-next-line no-control-regex -- these are the terminal's control codes
const codes = /\u001B(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-_])/g
// oxlint-disable-next-line no-control-regex -- as above
const controls = /[\u0001-\u0008\u000B\u000C\u000E-\u001A\u001C-\u001F\u007F]/g
const color = /\[[0-9;]*m$/

/** Of a terminal's codes only colours stay: whoever shows a log knows those. */
export const onlyColors = (line: string): string =>
  line.replaceAll(codes, (code) => (color.test(code) ? code : "")).replaceAll(controls, "")

/** Of a line that was drawn over again and again, what was seen last. */
export function lastDrawn(line: string): string {
  if (!line.includes("\r")) return line
  return line.split("\r").findLast((part) => onlyColors(part) !== "") ?? ""
}
