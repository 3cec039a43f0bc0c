import { type FocusEvent, type MouseEvent, memo, type ReactNode } from 'react'
import { useEditor } from '../editor/store'
import { choose, inspect } from './doing'
import { MoreButton } from './MoreButton'
import { isPhone } from './phone'
import { useOutline } from './state'
import { followFocus } from './Tree'
import type { Row } from './tree'

interface Props {
  row: Row
  name: string
  className: string
  level: 1 | 2
  isOpen?: boolean
  /** Instead of selecting it. */
  onPress?: () => void
  /** What stands below it. */
  below?: ReactNode
  children: ReactNode
}

/** One row of the tree: its place for the keyboard, its name, its menu. */
export const TreeItem = memo(function TreeItem(props: Props) {
  const { row, name, className, level, isOpen = false, onPress, below = null, children } = props
  const isAt = useOutline((state) => state.at === row.id)
  const isSelected = useEditor((state) => level === 1 && state.selection.has(row.node))
  const isLoose = useEditor((state) => !row.socket && state.selection.has(row.node))
  const onClick = (event: MouseEvent<HTMLElement>) => {
    if ((event.target as Element).closest('button, a')) return
    if (onPress) onPress()
    else if (isPhone()) inspect(row)
    else choose(row, event.ctrlKey || event.metaKey || event.shiftKey)
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys.
    <li
      role="treeitem"
      className={className}
      data-row={row.id}
      tabIndex={isAt ? 0 : -1}
      aria-label={name}
      aria-level={level}
      aria-selected={isSelected || isLoose}
      aria-expanded={row.canOpen ? isOpen : undefined}
      onFocus={(event: FocusEvent<HTMLElement>) => {
        event.stopPropagation()
        followFocus.onFocus(row.id)
      }}
      onBlur={(event: FocusEvent<HTMLElement>) => {
        event.stopPropagation()
        followFocus.onBlur(event.target)
      }}
      onClick={(event) => {
        event.stopPropagation()
        onClick(event)
      }}
    >
      <div className="orow">
        {children}
        <MoreButton row={row} isAt={isAt} />
      </div>
      {below}
    </li>
  )
})
