import { useLayoutEffect, useRef } from 'react'
import { toast } from '../editor/actions'
import { shownKey } from '../editor/shownKey'
import { editor } from '../editor/store'
import { onMenuKey } from '../parts/menuKeys'
import { isPhone } from '../parts/phone'
import { actionsFor } from './rowActions'
import { closeMenu } from './rowEdits'
import { openMenu, outline, rowAt, useOutline } from './state'
import type { Row } from './tree'
import { rowTitle } from './words'

/** The menu of a row, beside its button; on phones at the bottom. */
export function RowMenu() {
  const id = useOutline((state) => state.menu)
  const row = id === null ? null : rowAt(id)
  return row ? <Menu key={row.id} row={row} /> : null
}

function Menu({ row }: { row: Row }) {
  const menu = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = menu.current
    if (!element) return
    element.showPopover()
    if (!isPhone()) place(element, row.id)
    element.querySelector('button')?.focus()
  }, [row.id])
  const { doc, wiring } = editor()
  return (
    <div
      ref={menu}
      popover="auto"
      className="menu row-menu"
      role="menu"
      tabIndex={-1}
      aria-label={rowTitle(row, doc, wiring)}
      onKeyDown={(event) => onMenuKey(event, closeMenu)}
      onToggle={(event) => {
        if (event.newState === 'closed' && outline().menu === row.id) openMenu(null)
      }}
    >
      <b className="clip row-menu-title" aria-hidden>
        {rowTitle(row, doc, wiring)}
      </b>
      {actionsFor(row).map((action) => (
        <button
          key={action.id}
          type="button"
          role="menuitem"
          className={action.isGrave ? 'is-grave' : undefined}
          aria-disabled={action.not ? true : undefined}
          title={action.not ?? undefined}
          onClick={() => {
            closeMenu()
            if (action.not) toast(action.not)
            else action.run()
          }}
        >
          <action.icon className="i" aria-hidden />
          <span className="grow">{action.label}</span>
          {action.keys[0] && <kbd>{shownKey(action.keys[0])}</kbd>}
        </button>
      ))}
    </div>
  )
}

function place(element: HTMLElement, row: string): void {
  const button = document.querySelector(`[data-more="${CSS.escape(row)}"]`)
  const box = button?.getBoundingClientRect()
  if (!box) return
  const { offsetWidth, offsetHeight } = element
  const below = box.bottom + 4
  const top = below + offsetHeight < window.innerHeight ? below : box.top - offsetHeight - 4
  element.style.left = `${Math.max(8, box.right - offsetWidth)}px`
  element.style.top = `${Math.max(8, top)}px`
}
