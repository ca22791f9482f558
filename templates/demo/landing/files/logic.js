// The rules of the sign-up list. Nothing in here touches the page, so tests can use it as it is.

/** The address as it is kept, or null when it cannot be one. */
export function readAddress(text) {
  const address = text.trim().toLowerCase()
  return address.length <= 120 && /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(address) ? address : null
}

/** Puts an address on the list once. */
export function addAddress(list, address, day) {
  return list.some((entry) => entry.address === address) ? list : [...list, { address, day }]
}

/** What stands beside the form. Few are not worth counting. */
export function countWords(count) {
  const invitation = "Leave your e-mail and we write to you when your street has a place."
  return count < 5 ? invitation : `${count} neighbours are on the list. ${invitation}`
}
