interface Props {
  words: string
  isBusy?: boolean
  /** Trying again did not help: only a fresh page may. */
  isStubborn?: boolean
  onAgain: () => void
}

/** One sentence in the place of what cannot be shown, and what can be done about it. */
export function ErrorNote({ words, isBusy = false, isStubborn = false, onAgain }: Props) {
  return (
    <div className="note note-sorry" role="status" aria-busy={isBusy}>
      <span className="grow">{words}</span>
      <button type="button" className="btn btn-s" aria-disabled={isBusy} onClick={onAgain}>
        Try again
      </button>
      {isStubborn && (
        <button type="button" className="btn btn-s" onClick={() => location.reload()}>
          Reload
        </button>
      )}
    </div>
  )
}
