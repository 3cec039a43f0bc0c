import { useState } from 'react'
import type { Json, Tool } from '../../../api/schema'
import { act } from '../../../editor/actions'
import { useEditor } from '../../../editor/store'
import type { Picked } from '../../media/picked'
import { move } from '../../Sortable'
import { argumentSlot } from '../../stage/argument'
import type { Film } from '../film/useFilm'
import {
  isShownAt,
  kindOf,
  LEAST_SECONDS,
  newOverlay,
  type Overlay,
  placeOf,
  readOverlay,
  timeFields,
  timesOf,
  withFields,
} from './overlays'
import { bringPicture, usePictures } from './pictures'

export type Fields = Readonly<Record<string, Json | undefined>>
export type PictureKind = 'image' | 'clip'

/** The overlays of a stage as they are shown, and which of them is chosen. */
export function useOverlays(node: string, tool: Tool) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const pictures = usePictures(node, tool)
  /** The kind of file that is being chosen for a new one. */
  const [picking, setPicking] = useState<PictureKind | null>(null)
  const [chosen, setChosen] = useState(0)
  /** Fields that a hand holds; the document hears of them when they are let go. */
  const [draft, setDraft] = useState<{ at: number; fields: Fields } | null>(null)
  const slot = argumentSlot(doc, tools, node, 'overlays', 'Overlays')
  const records: readonly Json[] = Array.isArray(slot.value) ? slot.value : []
  const overlays = records.map((one, at) =>
    readOverlay(draft?.at === at ? withFields(one, draft.fields) : one),
  )
  const at = Math.min(chosen, overlays.length - 1)
  return {
    /** As the document has them. */
    records,
    overlays,
    isBound: typeof slot.value === 'string',
    pictures,
    at,
    current: overlays[at],
    picking,
    setPicking,
    setChosen,
    hold: (place: number, fields: Fields | null) => setDraft(fields && { at: place, fields }),
    writeAll: (next: readonly Json[], isBurst = false) =>
      slot.write(next.length > 0 ? [...next] : undefined, { burst: isBurst }),
    pick: (kind: PictureKind, picked: Picked) => {
      setPicking(null)
      act(bringPicture(node, tool, kind, picked, pictures[kind].length))
      setChosen(records.length)
    },
    pictureOf: (overlay: Overlay) => {
      const kind = kindOf(overlay)
      if (kind === 'text') return null
      return pictures[kind][placeOf(overlays, overlays.indexOf(overlay))] ?? null
    },
  }
}

export type Overlays = ReturnType<typeof useOverlays>

/** Return the actions on overlays, for keys, buttons and the timeline. */
export function overlayActions(state: Overlays, { clip, focusNext }: Film) {
  const { records, overlays, pictures, writeAll, setChosen } = state
  const { duration } = clip
  const add = (made: Json) => {
    // It is there from where the clip is, so that it is seen at once.
    const isLate = clip.time > 0 && clip.time < duration - LEAST_SECONDS
    const times = isLate ? timeFields({ start: clip.time, end: duration }, duration) : {}
    writeAll([...records, withFields(made, times)])
    setChosen(records.length)
  }
  return {
    write: (place: number, fields: Fields, isBurst = false) => {
      state.hold(place, null)
      const next = records.map((one, other) => (other === place ? withFields(one, fields) : one))
      writeAll(next, isBurst)
    },
    addWords: () => {
      add(newOverlay('text'))
      focusNext((dialog) => dialog.querySelector<HTMLElement>('.over-fields textarea'), true)
    },
    addPicture: (kind: PictureKind) => {
      const usedPlaces = new Set(
        overlays.flatMap((one, place) => (kindOf(one) === kind ? [placeOf(overlays, place)] : [])),
      )
      const free = pictures[kind].findIndex((one, place) => one !== null && !usedPlaces.has(place))
      if (free >= 0) add(newOverlay(kind, free))
      else state.setPicking(kind)
    },
    remove: (place: number) => {
      writeAll(records.filter((_, other) => other !== place))
      setChosen(Math.max(0, Math.min(place, records.length - 2)))
    },
    reorder: (from: number, to: number) => {
      writeAll(move(records, from, to))
      setChosen(to)
    },
    choose: (place: number) => {
      setChosen(place)
      const overlay = overlays[place]
      if (overlay && !isShownAt(overlay, clip.time, duration))
        clip.seek(timesOf(overlay, duration).start)
    },
  }
}

export type OverlayActions = ReturnType<typeof overlayActions>
