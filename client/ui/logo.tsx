/** The mark of the product. */
export function Logo() {
  return (
    <span aria-hidden className="grid size-6 place-items-center rounded-[7px] bg-accent text-on-accent">
      <svg
        viewBox="0 0 24 24"
        className="size-[15px]"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        <path d="M5 12h13M13 6l6 6-6 6" />
      </svg>
    </span>
  )
}
