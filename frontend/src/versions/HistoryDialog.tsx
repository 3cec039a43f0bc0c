import { useEffect, useState } from 'react'
import type { Recorded } from '../api/schema'
import { ago, type Burst, bursts } from '../document/history'
import { closeDialog } from '../editor/actions'
import { api } from '../editor/api'
import { editor, useEditor } from '../editor/store'
import { Avatar } from '../parts/Avatar'
import { Dialog } from '../parts/Dialog'

const PAGE = 200

/** The changes with their authors and times, newest first. */
export function HistoryDialog() {
  const id = useEditor((state) => state.boot.templateId)
  const undoLabel = useEditor((state) => state.undoLabel)
  const rev = useEditor((state) => state.rev)
  const [count, setCount] = useState(PAGE)
  const [changes, setChanges] = useState<readonly Recorded[] | null>(null)
  const [isCut, setCut] = useState(false)
  const [problem, setProblem] = useState('')
  const after = Math.max(0, rev - count)
  useEffect(() => {
    const request = new AbortController()
    api
      .changesAfter(id, after, { signal: request.signal })
      .then((answer) => {
        // Old changes are not kept for ever: then what is shown is all there is.
        if (answer.changes === null) setCut(true)
        else setChanges(answer.changes)
        setProblem('')
      })
      .catch((error: Error) => !request.signal.aborted && setProblem(error.message))
    return () => request.abort()
  }, [id, after])
  const groups = changes ? bursts(changes) : []
  return (
    <Dialog title="History" className="history-dialog">
      <p className="help">
        {undoLabel
          ? `You can undo your last change: “${undoLabel}”. Others undo their own.`
          : 'Everyone undoes their own changes. To go back further, restore a version.'}
      </p>
      {problem && (
        <p className="help help-bad" role="alert">
          {problem}
        </p>
      )}
      {changes === null && !problem && !isCut && <div className="skeleton versions-skeleton" />}
      {(isCut || changes?.length === 0) && groups.length === 0 && (
        <p className="help">No recent changes.</p>
      )}
      {groups.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard.
        <ol className="history" tabIndex={0} aria-label="Changes, newest first">
          {groups.map((burst) => (
            <OneBurst key={burst.id} burst={burst} />
          ))}
        </ol>
      )}
      <div className="row">
        {after > 0 && !isCut && (
          <button
            type="button"
            className="btn btn-bare"
            onClick={() => setCount((before) => before + PAGE * 2)}
          >
            Show older
          </button>
        )}
        <button type="button" className="btn" onClick={() => closeDialog()}>
          Close
        </button>
      </div>
    </Dialog>
  )
}

function OneBurst({ burst }: { burst: Burst }) {
  const { boot, people } = editor()
  const { actor, deeds, newest } = burst
  const isMe = actor.id === boot.me.id
  const member = people.find((person) => person.id === actor.id)
  return (
    <li>
      <Avatar name={actor.name} hue={isMe ? boot.me.hue : (member?.hue ?? hueOf(actor.id))} />
      <div>
        <header>
          <strong>{isMe ? 'You' : actor.name}</strong>
          <time dateTime={newest} title={new Date(newest).toLocaleString('en')}>
            {ago(newest)}
          </time>
        </header>
        <ol>
          {deeds.map((deed) => (
            <li key={deed.id}>
              <span title={deed.label} dir="auto">
                {deed.label}
              </span>
              {deed.times > 1 && <span className="num">{deed.times} times</span>}
            </li>
          ))}
        </ol>
      </div>
    </li>
  )
}

/** Anyone who is not here now has a hue all the same, and always the same one. */
function hueOf(id: string): number {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 997
  return sum % 8
}
