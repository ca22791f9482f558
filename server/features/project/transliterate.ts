/** Letters that taking the accents off does not turn into Latin ones, in lower case. */
const letters: Record<string, string> = {
  ä: "ae",
  ö: "oe",
  ü: "ue",
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  å: "a",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ħ: "h",
  ı: "i",
  ŋ: "ng",
  ...pairs("абвгдезийклмнопрстуфхцыэ", "a b v g d e z i y k l m n o p r s t u f kh ts y e"),
  ...pairs("ёжчшщъьюяіїєґўђјљњћџ", "yo zh ch sh shch - - yu ya i yi ye g u dj j lj nj c dz"),
  ...pairs("αβγδεζηθικλμνξοπρστυφχψως", "a v g d e z i th i k l m n x o p r s t y f ch ps o s"),
  "&": " and ",
  "@": " at ",
  "’": "",
  "'": "",
}

/** The text in Latin letters where we know how; what we do not know stays as it is. */
export function transliterate(text: string): string {
  const latin = Array.from(text.normalize("NFC").toLowerCase(), (letter) => letters[letter] ?? letter).join("")
  // A second pass: Greek and Cyrillic letters with accents are known only without them.
  const plain = latin.normalize("NFKD").replaceAll(/\p{M}+/gu, "")
  return Array.from(plain, (letter) => letters[letter] ?? letter).join("")
}

function pairs(from: string, to: string): Record<string, string> {
  const targets = to.split(" ").map((target) => (target === "-" ? "" : target))
  return Object.fromEntries(Array.from(from, (letter, index) => [letter, targets[index] ?? ""]))
}
