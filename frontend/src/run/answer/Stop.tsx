import type { AskProps } from './answers'

/** The way out that every question has. */
export function Stop({ isBusy, onReply }: Omit<AskProps, 'wait'>) {
  return (
    <button
      type="button"
      className="btn btn-bare answer-stop"
      aria-disabled={isBusy}
      title="Finished stages are kept"
      onClick={() => onReply({ type: 'cancel' })}
    >
      Stop run
    </button>
  )
}
