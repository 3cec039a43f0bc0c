import { Check } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Medium } from '../../api/schema'
import { isTyping } from '../../frame/events'
import { pickOf, stepOf } from '../shared/gridKeys'
import { chosen, pickWords, wrongWith } from '../shared/picking'
import { Thumb } from '../Thumb'
import type { AskProps } from './answers'
import { Stop } from './Stop'

/** Choose among what a stage made: with the pointer, with 1 to 9, with the arrows and Space. */
export function Pick({ wait, isBusy, onReply }: AskProps) {
  const { candidates, min, max } = wait
  const [ids, setIds] = useState<readonly string[]>([])
  const grid = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (grid.current?.closest('dialog')) grid.current.querySelector('button')?.focus()
  }, [])
  const problem = wrongWith(ids.length, min, max)
  const toggle = (medium: Medium | undefined) => {
    if (medium) setIds(chosen(ids, medium.id, max))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (isTyping(event.nativeEvent)) return
    const buttons = [...(grid.current?.querySelectorAll('button') ?? [])]
    const here = buttons.indexOf(document.activeElement as HTMLButtonElement)
    const [pick, step] = [pickOf(event, candidates.length), stepOf(event)]
    if (pick !== null) toggle(candidates[pick])
    else if (step !== null && here >= 0) buttons[here + step]?.focus()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its buttons have the focus, it hears their keys
    <div className="pick" onKeyDown={onKeyDown}>
      <p className="answer-asks">{wait.message || 'Choose one'}</p>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a grid */}
      <div className="pick-grid" role="group" aria-label="Choices" ref={grid}>
        {candidates.map((medium, at) => {
          const place = ids.indexOf(medium.id)
          return (
            <button
              key={medium.id}
              type="button"
              className="pick-one"
              aria-pressed={place >= 0}
              aria-label={`${at + 1} of ${candidates.length}${place >= 0 && max > 1 ? `, choice ${place + 1}` : ''}`}
              onClick={() => toggle(medium)}
            >
              <Thumb medium={medium} />
              {at < 9 && (
                <kbd className="pick-key" aria-hidden>
                  {at + 1}
                </kbd>
              )}
              {place >= 0 && (
                // The order is in the button's name: as text it would be read as a part of it.
                <span className="pick-mark" data-place={max > 1 ? place + 1 : ''} aria-hidden>
                  {max === 1 && <Check className="i i-12" />}
                </span>
              )}
            </button>
          )
        })}
      </div>
      <div className="answer-actions">
        <Stop isBusy={isBusy} onReply={onReply} />
        <span className="pick-count num" role="status">
          {pickWords(ids.length, min, max)}
        </span>
        <button
          type="button"
          className="btn btn-wait"
          aria-busy={isBusy}
          aria-disabled={problem !== null || undefined}
          title={problem ?? undefined}
          onClick={() => problem === null && onReply({ type: 'picked', ids })}
        >
          {ids.length > 1 ? `Use these ${ids.length}` : 'Use this'}
        </button>
      </div>
    </div>
  )
}
