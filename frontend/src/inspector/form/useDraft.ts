/** The text of a field while someone types into it; updates from others don't replace it. */

import { useEffect, useRef, useState } from 'react'
import { endGesture } from '../../editor/actions'
import { editor, useEditor } from '../../editor/store'

export interface Draft {
  readonly text: string
  readonly isFocused: boolean
  /** "Teo is also editing this", while typing goes on. */
  readonly hint: string
  readonly onFocus: () => void
  readonly onBlur: () => void
  readonly onText: (text: string) => void
}

/**
 * shown: what the document says, as text. agrees: whether a typed text means what is shown, where
 * writing changes its form.
 */
export function useDraft(
  shown: string,
  write: (text: string) => void,
  agrees: (text: string, shown: string) => boolean = (text, other) => text === other,
): Draft {
  const [text, setText] = useState<string | null>(null)
  const [hint, setHint] = useState('')
  const isFocused = text !== null
  const isRemote = useRef(false)
  const last = useRef(shown)

  useEffect(() => {
    if (!isFocused) return
    // What others do comes with a new revision; what I do here, as undo, comes without.
    return useEditor.subscribe((state, before) => {
      if (state.doc !== before.doc) isRemote.current = state.rev !== before.rev
    })
  }, [isFocused])

  useEffect(() => {
    if (last.current === shown) return
    last.current = shown
    if (text === null || agrees(text, shown)) return
    if (isRemote.current) setHint(`${otherName()} is also editing this.`)
    else setText(shown)
  })

  return {
    text: text ?? shown,
    isFocused,
    hint,
    onFocus: () => {
      last.current = shown
      setText(shown)
    },
    onBlur: () => {
      setText(null)
      setHint('')
      endGesture()
    },
    onText: (next) => {
      setText(next)
      write(next)
    },
  }
}

function otherName(): string {
  const { people, boot } = editor()
  const others = people.filter((person) => person.id !== boot.me.id)
  return others.length === 1 ? (others[0]?.name ?? 'Someone') : 'Someone'
}
