import { useEditor } from '../../../editor/store'
import { argumentSlot } from '../../stage/argument'
import { type Mark, type MarkId, otherThan, readMarks, writeMark } from './shapes'

/** The most marks that a tool takes, where its schema does not say. */
const MOST = { point: 32, box: 16 }

/** The marks of a stage, and how they are changed: through the document, so Undo knows them. */
export function useMarks(node: string) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const slots = {
    point: argumentSlot(doc, tools, node, 'points', 'Points'),
    box: argumentSlot(doc, tools, node, 'boxes', 'Boxes'),
  }
  const marks = {
    point: readMarks('point', slots.point.value),
    box: readMarks('box', slots.box.value),
  }
  const write = (type: Mark['type'], next: readonly Mark[], burst = false) => {
    const all = [...next.map(writeMark), ...otherThan(type, slots[type].value)]
    slots[type].write(all.length > 0 ? all : undefined, { burst })
  }
  return {
    marks,
    /** Bound to something, or full: none can be added. */
    canAdd: (type: Mark['type']) =>
      typeof slots[type].value !== 'string' && marks[type].length < MOST[type],
    add: (mark: Mark) => write(mark.type, [...marks[mark.type], mark]),
    change: ({ type: is, at }: MarkId, mark: Mark, burst = false) =>
      write(
        is,
        marks[is].map((one, place) => (place === at ? mark : one)),
        burst,
      ),
    remove: ({ type: is, at }: MarkId) =>
      write(
        is,
        marks[is].filter((_, place) => place !== at),
      ),
    clear: () => {
      if (marks.point.length > 0) write('point', [])
      if (marks.box.length > 0) write('box', [])
    },
  }
}

export type Marked = ReturnType<typeof useMarks>
