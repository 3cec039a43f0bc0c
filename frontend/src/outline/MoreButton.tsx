import { Ellipsis } from 'lucide-react'
import { editor } from '../editor/store'
import { openMenu, useOutline } from './state'
import type { Row } from './tree'
import { rowTitle } from './words'

/** Everything a row can do, for who has no use for keys. */
export function MoreButton({ row, isAt }: { row: Row; isAt: boolean }) {
  const isOpen = useOutline((state) => state.menu === row.id)
  if (row.type === 'notes') return null
  const { doc, wiring } = editor()
  return (
    <button
      type="button"
      className="btn btn-s btn-bare btn-icon more"
      data-more={row.id}
      aria-label={`More actions for ${rowTitle(row, doc, wiring)}`}
      aria-haspopup="menu"
      aria-expanded={isOpen}
      tabIndex={isAt ? 0 : -1}
      onClick={() => openMenu(isOpen ? null : row.id)}
    >
      <Ellipsis className="i" aria-hidden />
    </button>
  )
}
