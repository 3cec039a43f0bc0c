import { type FocusEvent, type MouseEvent, memo, type ReactNode } from 'react'
import { useEditor } from '../editor/store'
import { isPhone } from '../parts/phone'
import { followFocus } from './focus'
import { MoreButton } from './MoreButton'
import { choose, inspect } from './rowEdits'
import { useOutline } from './state'
import type { Row } from './tree'

interface Props {
  row: Row
  name: string
  className: string
  level: 1 | 2
  isOpen?: boolean
  /** Instead of selecting it. */
  onPress?: () => void
  /** The items below it. */
  below?: ReactNode
  children: ReactNode
}

/**
 * One row of the tree: its place for the keyboard, its name, its menu. The item of the tree lies over
 * the row and holds its menu alone: the name says all that the row shows, in whole words, and rows
 * below it are no part of it.
 */
export const TreeItem = memo(function TreeItem(props: Props) {
  const { row, name, className, level, isOpen = false, onPress, below = null, children } = props
  const isAt = useOutline((state) => state.at === row.id)
  const isSelected = useEditor((state) => level === 1 && state.selection.has(row.node))
  const isLoose = useEditor((state) => !row.socket && state.selection.has(row.node))
  const isChosen = isSelected || isLoose
  const onClick = (event: MouseEvent<HTMLElement>) => {
    if ((event.target as Element).closest('button, a')) return
    if (onPress) onPress()
    else if (isPhone()) inspect(row)
    else choose(row, event.ctrlKey || event.metaKey || event.shiftKey)
  }
  return (
    <li role="none" className={isChosen ? `${className} is-chosen` : className}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: the tree has the keys. */}
      <div className="outline-row" onClick={onClick}>
        {children}
        <span className="more" aria-hidden />
        <div
          role="treeitem"
          className="outline-item"
          data-row={row.id}
          tabIndex={isAt ? 0 : -1}
          aria-label={name}
          aria-level={level}
          aria-selected={isChosen}
          aria-expanded={row.canOpen ? isOpen : undefined}
          onFocus={() => followFocus.onFocus(row.id)}
          onBlur={(event: FocusEvent<HTMLElement>) => followFocus.onBlur(event.target)}
        >
          <MoreButton row={row} isAt={isAt} />
        </div>
      </div>
      {below}
    </li>
  )
})
