import { useState } from 'react'
import { act, undo } from '../../../editor/actions'
import { useEditor } from '../../../editor/store'
import type { Range } from '../film/ranges'
import type { Film } from '../film/useFilm'
import {
  addAt,
  byTime,
  type Changed,
  type Cue,
  cueAt,
  doubtsOf,
  LEAST,
  mergeNext,
  removeAt,
  retime,
  rewrite,
  splitAt,
} from './cues'
import { readLines, writeCues } from './lines'

interface Said {
  readonly text: string
  readonly canUndo?: boolean
}

/** The lines of a stage, which of them is chosen, and what was said last about them. */
export function useCues(node: string, film: Film) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const [chosen, setChosen] = useState(0)
  const [draft, setDraft] = useState<{ at: number; range: Range } | null>(null)
  const [message, setMessage] = useState<Said | null>(null)
  const lines = readLines(doc, tools, node)
  // What is held is not put in order before it is let go: the line under the hand stays the same.
  const cues = draft
    ? lines.cues.map((cue, at) => (at === draft.at ? { ...cue, ...draft.range } : cue))
    : lines.cues
  const at = Math.min(chosen, cues.length - 1)
  const here = cueAt(cues, film.clip.time)
  const write = (next: readonly Cue[], what: string, merge?: string) => {
    setMessage(null)
    act(writeCues(node, next, what), merge ? { merge: `stages/${node}/cues/${merge}` } : {})
  }
  return {
    lines,
    cues,
    at,
    /** The line at the playhead, else the chosen one. */
    now: here >= 0 ? here : at,
    doubts: doubtsOf(cues, film.clip.duration),
    said: message,
    setChosen,
    setDraft,
    setMessage,
    write,
    change: (made: Changed | null, what: string, merge?: string) => {
      if (!made) return
      write(made.cues, what, merge)
      setChosen(Math.max(0, made.at))
    },
  }
}

export type Cues = ReturnType<typeof useCues>

/** Return the actions on lines, for keys, buttons and the timeline. */
export function cueActions(state: Cues, film: Film) {
  const { lines, change, write, setChosen, setMessage } = state
  const { clip, focusNext } = film
  const toText = (place: number) =>
    focusNext((tool) => tool.querySelectorAll<HTMLElement>('.cues textarea')[place])
  const goTo = (place: number) => {
    const cue = lines.cues[place]
    if (!cue) return
    setChosen(place)
    clip.seek(cue.start)
  }
  const add = (from = clip.time) => {
    const addition = addAt(lines.cues, from, clip.duration)
    clip.pause()
    change(addition, 'Add a line')
    toText(addition.at)
  }
  return {
    goTo,
    add,
    /**
     * Enter in a line: a new one after it; where there is no room, on to the next. The keyboard
     * stays in a field, so that nothing that is typed acts as a shortcut.
     */
    nextLine: (place: number) => {
      const cue = lines.cues[place]
      if (!cue) return
      const next = lines.cues[place + 1]
      const isBlank = cue.text.trim() === ''
      const room = (next?.start ?? clip.duration) - cue.end
      if (!isBlank && room >= 2 * LEAST) {
        clip.seek(cue.end)
        add(cue.end)
      } else if (next) {
        goTo(place + 1)
        toText(place + 1)
      } else
        setMessage({
          text: isBlank ? 'Type the text of this line first.' : 'No room after this line.',
        })
    },
    split: (place: number) => change(splitAt(lines.cues, place, clip.time), 'Split a line'),
    merge: (place: number) => change(mergeNext(lines.cues, place), 'Merge two lines'),
    remove: (place: number) => change(removeAt(lines.cues, place), 'Remove a line'),
    rewrite: (place: number, text: string) =>
      write(rewrite(lines.cues, place, text), 'Edit a line', `${place}/text`),
    move: (place: number, range: Range) =>
      change(retime(lines.cues, place, range, clip.duration), 'Move a line'),
    time: (place: number, times: Partial<Range>) => {
      const retiming = retime(lines.cues, place, times, clip.duration)
      change(retiming, 'Move a line', 'time')
      // Past another line, it is another bar: the keyboard goes along.
      const isHeld = document.activeElement?.classList.contains('lane-in')
      if (isHeld && retiming.at !== place)
        focusNext((tool) => tool.querySelectorAll<HTMLElement>('.lane-in')[retiming.at])
    },
    bring: (found: readonly Cue[], words: string) => {
      write(byTime(found), 'Import subtitles')
      setChosen(0)
      setMessage({ text: words, canUndo: true })
    },
    takeBack: () => {
      undo()
      setMessage(null)
    },
  }
}

export type CueActions = ReturnType<typeof cueActions>
