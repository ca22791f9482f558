/** Where `git clone` finds the project. */
export const cloneAddress = (slug: string): string => `${location.origin}/git/${slug}.git`
