import type { KeyboardEvent } from 'react'
import { pressedKey } from '../frame/press'

interface Props<Id extends string> {
  /** The tabs are `<id>-<tab>`, their panel is `<id>-panel`. */
  id: string
  label: string
  tabs: readonly { readonly id: Id; readonly label: string }[]
  current: Id
  onChange: (tab: Id) => void
  /** After that, where it was clicked or pressed: arrow keys leave the keyboard on the tabs. */
  onPress?: (tab: Id) => void
}

/** Tabs; the arrow keys walk them. */
export function TabList<Id extends string>(props: Props<Id>) {
  const { id, label, tabs, current, onChange, onPress } = props
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[pressedKey(event)]
    if (!by) return
    const at = tabs.findIndex((tab) => tab.id === current)
    const next = tabs[(at + by + tabs.length) % tabs.length]
    if (!next) return
    event.preventDefault()
    onChange(next.id)
    document.getElementById(`${id}-${next.id}`)?.focus()
  }
  return (
    <div className="tabs" role="tablist" aria-label={label}>
      {tabs.map((tab) => (
        <button
          type="button"
          role="tab"
          key={tab.id}
          id={`${id}-${tab.id}`}
          aria-selected={tab.id === current}
          aria-controls={tab.id === current ? `${id}-panel` : undefined}
          tabIndex={tab.id === current ? 0 : -1}
          onClick={() => {
            onChange(tab.id)
            onPress?.(tab.id)
          }}
          onKeyDown={onKeyDown}
        >
          {tab.label}
        </button>
      ))}
    </div>
  )
}
