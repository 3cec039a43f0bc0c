import { useState } from 'react'
import { closeDialog } from '../editor/actions'
import { allCommands, setSingleKeys, singleKeysOn } from '../editor/commands'
import { shownKey } from '../editor/shownKey'
import { Dialog } from '../parts/Dialog'
import { setWheelZooms, wheelZooms } from '../viewport/wheel'

/** List the ways to move the view without keys. */
function pointerRows(isZoom: boolean): { label: string; keys: string[] }[] {
  return [
    { label: 'Pan', keys: isZoom ? ['Drag'] : ['Drag', 'Scroll'] },
    { label: 'Pan sideways', keys: ['Shift+Scroll'] },
    { label: 'Zoom', keys: [...(isZoom ? ['Scroll'] : []), 'Ctrl+Scroll', 'Pinch'] },
  ]
}

/** Every key there is, by group; single keys can be turned off (WCAG 2.1.4). */
export function KeysDialog() {
  const [on, setOn] = useState(singleKeysOn())
  const [isZoom, setZoom] = useState(wheelZooms())
  const groups = new Map([['View', pointerRows(isZoom)]])
  for (const command of allCommands()) {
    if (!command.keys?.length) continue
    const rows = groups.get(command.group) ?? []
    groups.set(command.group, [...rows, { label: command.label, keys: command.keys }])
  }
  return (
    <Dialog title="Keyboard shortcuts" className="keys-dialog">
      <label className="row keys-single">
        <input
          type="checkbox"
          className="check"
          checked={on}
          onChange={(event) => {
            setSingleKeys(event.target.checked)
            setOn(event.target.checked)
          }}
        />
        Single-letter shortcuts work on the canvas and in the outline
      </label>
      <div className="row keys-wheel">
        <span>Mouse wheel</span>
        <fieldset className="segmented" aria-label="Mouse wheel">
          {[false, true].map((zooms) => (
            <button
              key={String(zooms)}
              type="button"
              aria-pressed={isZoom === zooms}
              onClick={() => {
                setWheelZooms(zooms)
                setZoom(zooms)
              }}
            >
              {zooms ? 'Zoom' : 'Pan'}
            </button>
          ))}
        </fieldset>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and holds nothing to focus. */}
      <section className="keys-groups" aria-label="All shortcuts" tabIndex={0}>
        {[...groups].map(([group, rows]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {rows.map((row) => (
                <div key={row.label}>
                  <dt>{row.label}</dt>
                  <dd>
                    {row.keys.map((key) => (
                      <kbd key={key}>{shownKey(key)}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </section>
      <div className="row">
        <button type="button" className="btn" onClick={() => closeDialog()}>
          Close
        </button>
      </div>
    </Dialog>
  )
}
