import { ChevronRight, ExternalLink, Eye } from 'lucide-react'
import { Fragment } from 'react'
import type { Crumb } from '../api/schema'
import { leaveTo } from '../editor/openStage'
import { useEditor } from '../editor/store'
import { templateName } from '../graph/documentReaders'
import { useRun } from '../run/store'
import { ItemChooser } from './ItemChooser'

/** The stage whose inside is shown: the way to it, and which item of it where it is repeated. */
export function OpenStageBar() {
  return (
    <div className="open-stage">
      <Crumbs />
      <ItemChooser />
    </div>
  )
}

/** The way from the template to the stage whose inside is shown, and back. */
function Crumbs() {
  const inside = useEditor((state) => state.inside)
  const steps = useRun((state) => state.steps)
  if (!inside) return null
  const titleOf = ({ key, title, isElement }: Crumb) => (isElement && steps[key]?.label) || title
  const { path, template, mayOpen, around } = inside
  const last = path.length - 1
  return (
    <nav className="crumbs" aria-label="Open stage">
      <ol>
        <li>
          <button type="button" className="clip" dir="auto" onClick={() => leaveTo(null)}>
            {templateName(around.doc) || 'Template'}
          </button>
        </li>
        {path.map((crumb, index) => (
          <Fragment key={crumb.key}>
            <ChevronRight className="i i-12" aria-hidden />
            <li>
              {index === last ? (
                <b className="clip" dir="auto" aria-current="page">
                  {titleOf(crumb)}
                </b>
              ) : path[index + 1]?.isElement ? (
                // It is open already, with one of its items.
                <span className="clip" dir="auto">
                  {titleOf(crumb)}
                </span>
              ) : (
                <button
                  type="button"
                  className="clip"
                  dir="auto"
                  onClick={() => leaveTo(crumb.key)}
                >
                  {titleOf(crumb)}
                </button>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
      <span className="pill">
        <Eye className="i" aria-hidden />
        View only
      </span>
      {mayOpen && (
        <a
          href={`/t/${encodeURIComponent(template)}/edit`}
          target="_blank"
          rel="noreferrer"
          className="btn btn-s btn-bare"
          aria-label="Open template"
        >
          <span>Open template</span>
          <ExternalLink className="i i-12" aria-hidden />
        </a>
      )}
    </nav>
  )
}
