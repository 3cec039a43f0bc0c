import { Plus } from 'lucide-react'
import { useId } from 'react'
import type { SocketKind } from '../../api/schema'
import { Shape } from '../../parts/Shape'

interface Props {
  /** "an input". */
  noun: string
  choices: readonly { key: string; title: string; kind: SocketKind }[]
  onChoose: (key: string) => void
}

/** The button in a section's heading that adds one to its list, and the menu of what can be added. */
export function AddMenu({ noun, choices, onChoose }: Props) {
  const menu = useId()
  return (
    <>
      <button
        type="button"
        className="btn btn-s btn-bare add-input"
        popoverTarget={menu}
        aria-haspopup="menu"
      >
        <Plus className="i i-14" aria-hidden />
        Add<span className="visually-hidden"> {noun}</span>
      </button>
      <div
        className="menu add-menu"
        id={menu}
        popover="auto"
        role="menu"
        aria-label={`Add ${noun}`}
      >
        {choices.map(({ key, title, kind }) => (
          <button
            type="button"
            role="menuitem"
            key={key}
            onClick={() => {
              document.getElementById(menu)?.hidePopover?.()
              onChoose(key)
            }}
          >
            <Shape kind={kind} />
            <bdi>{title}</bdi>
          </button>
        ))}
      </div>
    </>
  )
}
