import { Fragment, useEffect, useLayoutEffect, useRef } from 'react'
import { toast } from '../editor/actions'
import { CommandIcon } from '../editor/CommandIcon'
import type { Command } from '../editor/commands'
import { shownKey } from '../editor/shownKey'
import { editor, type Point } from '../editor/store'
import { onMenuKey } from '../parts/menuKeys'
import { type MenuOf, menuGroups, reasonAgainst, runFromMenu } from './menu'
import { setCanvas, useCanvas } from './state'

const LABELS: Readonly<Record<MenuOf, string>> = {
  nodes: 'Stage',
  wire: 'Connection',
  ground: 'Canvas',
}

/** The menu of a stage, a connection or the canvas, by the right button, a long press or a key. */
export function ContextMenu() {
  const menu = useCanvas((canvas) => canvas.menu)
  if (!menu) return null
  return <Menu key={`${menu.of} ${menu.screen.x} ${menu.screen.y}`} {...menu} />
}

function Menu({ of, screen }: { of: MenuOf; screen: Point }) {
  const menu = useRef<HTMLDivElement>(null)
  const before = useRef(document.activeElement)
  const close = (isDone = true) => {
    setCanvas({ menu: null })
    const back = before.current
    const isThere = back instanceof HTMLElement && back.isConnected && back !== document.body
    if (isDone) (isThere ? back : document.getElementById('main'))?.focus({ preventScroll: true })
  }
  const leave = useRef(close)
  leave.current = close
  useLayoutEffect(() => {
    const element = menu.current
    if (!element) return
    element.showPopover()
    place(element, screen)
    element.querySelector('button')?.focus()
  }, [screen])
  useEffect(() => {
    // A popover of the kind that closes alone would take the end of a long press for a press beside.
    const onDown = (event: PointerEvent) => {
      if (!(event.target instanceof Node && menu.current?.contains(event.target)))
        leave.current(false)
    }
    const onAway = () => leave.current(false)
    window.addEventListener('pointerdown', onDown, true)
    window.addEventListener('wheel', onAway, { passive: true })
    window.addEventListener('blur', onAway)
    window.addEventListener('resize', onAway)
    return () => {
      window.removeEventListener('pointerdown', onDown, true)
      window.removeEventListener('wheel', onAway)
      window.removeEventListener('blur', onAway)
      window.removeEventListener('resize', onAway)
    }
  }, [])
  const choose = (command: Command) => {
    const reason = reasonAgainst(command)
    close()
    if (reason === null) runFromMenu(command, screen)
    else toast(reason)
  }
  const groups = menuGroups(of)
  const commands = groups.flat()
  // Of two that have a key, it is the first one's here.
  const keyOf = ({ id, keys: [key] = [] }: Command) =>
    key && commands.find((one) => one.keys?.[0] === key)?.id === id ? shownKey(key) : ''
  const count = editor().selection.size
  const label = of === 'nodes' && count > 1 ? `${count} selected` : LABELS[of]
  return (
    <div
      ref={menu}
      popover="manual"
      className="menu context-menu"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      data-own-pointer=""
      onKeyDown={(event) => onMenuKey(event, close)}
      onContextMenu={(event) => event.preventDefault()}
    >
      {groups.map((group, index) => (
        <Fragment key={group[0]?.id}>
          {index > 0 && <hr />}
          {group.map((command) => (
            <button
              key={command.id}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={command.id === 'edit.remove' ? 'is-grave' : undefined}
              aria-disabled={reasonAgainst(command) !== null || undefined}
              title={reasonAgainst(command) ?? undefined}
              onClick={() => choose(command)}
            >
              <CommandIcon id={command.id} />
              <span className="grow">{command.label}</span>
              {keyOf(command) && <kbd aria-hidden>{keyOf(command)}</kbd>}
            </button>
          ))}
        </Fragment>
      ))}
    </div>
  )
}

/** At the pointer, turned over where the window ends. */
function place(element: HTMLElement, { x, y }: Point): void {
  const { offsetWidth: width, offsetHeight: height } = element
  const menuX = x + width + 8 > window.innerWidth ? x - width : x
  const top = y + height + 8 > window.innerHeight ? y - height : y
  element.style.left = `${Math.max(8, Math.min(menuX, window.innerWidth - width - 8))}px`
  element.style.top = `${Math.max(8, Math.min(top, window.innerHeight - height - 8))}px`
}
