import type { Person } from '../api/schema'
import { useEditor } from '../editor/store'
import { hueOf } from './remoteSelections'
import { useView } from './view'

const NO_PEOPLE: readonly Person[] = []

/** The cursors of other people. */
export function Cursors() {
  const people = useEditor((state) => (state.inside ? NO_PEOPLE : state.people))
  const pointing = people.filter((person) => person.cursor !== null)
  return pointing.length > 0 ? <Arrows people={pointing} /> : null
}

function Arrows({ people }: { people: readonly Person[] }) {
  const { x, y, zoom } = useView((state) => state.view)
  return (
    <div className="cursors" aria-hidden>
      {people.map((person) => (
        <div
          key={person.clientId}
          className={`cursor ${hueOf(person)}`}
          style={{
            transform: `translate(${(person.cursor?.x ?? 0) * zoom + x}px, ${(person.cursor?.y ?? 0) * zoom + y}px)`,
          }}
        >
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden>
            <path d="M1 1l13 5.2-5.6 2L6.2 14z" fill="currentColor" />
          </svg>
          <b>{person.name}</b>
        </div>
      ))}
    </div>
  )
}
