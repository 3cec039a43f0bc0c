interface Props {
  /** The maker of the result, where that isn't the built-in studio. */
  madeBy?: string | undefined
  /** Sentences on a draft and what it leaves out. */
  words: string
  look?: string
}

/** The one notice under a result: who made it, whose draft it is, and what it leaves out. */
export function ResultNotice({ madeBy = '', words, look = 'row-note' }: Props) {
  return (
    <>
      {madeBy && <p className={look === 'note' ? 'muted made-by' : look}>{madeBy}</p>}
      {words && (
        <p className={look} data-note="" dir="auto">
          <span>{words}</span>
        </p>
      )}
    </>
  )
}
