import { Film, Image, ImagePlus, Trash2, Type } from 'lucide-react'
import { Sortable } from '../../Sortable'
import { kindOf, nameOf, type Overlay } from './overlays'
import type { OverlayActions, Overlays } from './useOverlays'

interface Props {
  state: Overlays
  actions: OverlayActions
}

/** All overlays; the last one is on top. */
export function OverlayList({ state: { overlays, at: chosen, isBound }, actions }: Props) {
  if (overlays.length === 0)
    return (
      <div className="tool-none">
        <p>
          {isBound
            ? 'Overlays are connected from another stage. Adding one here replaces them.'
            : 'No overlays yet. Add text or an image, then drag it into place.'}
        </p>
        <span className="row">
          <button type="button" className="btn" onClick={actions.addWords}>
            <Type className="i" aria-hidden />
            Add text
          </button>
          <button type="button" className="btn" onClick={() => actions.addPicture('image')}>
            <ImagePlus className="i" aria-hidden />
            Add image
          </button>
        </span>
      </div>
    )
  return (
    <section className="over-list" aria-labelledby="over-list-head">
      <h3 id="over-list-head">
        Overlays <span className="faint">last is on top</span>
      </h3>
      <Sortable
        keys={overlays.map((_, at) => String(at))}
        nameOf={(at) => `${nameOf(overlays[at] as Overlay)}, ${at + 1}`}
        onMove={actions.reorder}
      >
        {(at) => {
          const overlay = overlays[at] as Overlay
          const Icon = { text: Type, image: Image, clip: Film }[kindOf(overlay)]
          return (
            <>
              <button
                type="button"
                className="over-row"
                aria-current={at === chosen || undefined}
                onClick={() => actions.choose(at)}
              >
                <Icon className="i i-14" aria-hidden />
                <span className="clip">{nameOf(overlay)}</span>
              </button>
              <button
                type="button"
                className="mini-btn"
                aria-label={`Remove ${nameOf(overlay)}, ${at + 1}`}
                onClick={() => actions.remove(at)}
              >
                <Trash2 className="i i-14" aria-hidden />
              </button>
            </>
          )
        }}
      </Sortable>
    </section>
  )
}
