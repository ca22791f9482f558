import { en } from "./strings/en.ts"

/** Every visible word comes from here; another language is another catalogue of the same shape. */
export type Strings = typeof en
export const strings: Strings = en
