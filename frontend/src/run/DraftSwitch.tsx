import { runCommand } from '../editor/commands'
import { useRun } from './store'

/** Run drafts first: shown where the built-in studio can make what costs more elsewhere. */
export function DraftSwitch() {
  const isOffered = useRun((state) => state.quote?.offersDraft === true)
  const isOn = useRun((state) => state.quality.quality === 'draft')
  if (!isOffered && !isOn) return null
  return (
    <button
      type="button"
      className="chip draft-switch"
      aria-pressed={isOn}
      title="Draft quality: the built-in studio makes every stage that it can. Make the results final later."
      onClick={() => runCommand('draft-quality')}
    >
      Draft
    </button>
  )
}
