import { useEffect, useState } from 'react'
import { csrfToken } from '../api/csrf'
import type { NearTemplate } from '../api/schema'
import { askAfterPause } from '../parts/timers'
import { unitWords } from '../run/shared/credits'
import { nearestTo } from './composeApi'

const NONE: readonly NearTemplate[] = []

/** The public templates nearest to the words in the box; nothing where none is near. */
export function Nearest({ brief }: { brief: string }) {
  const templates = useNearest(brief.trim())
  if (templates.length === 0) return null
  return (
    <section className="nearest" aria-label="Start from a template">
      <h4>Start from a template</h4>
      <ul>
        {templates.map((template) => (
          <li key={template.id}>
            <img src={template.previewUrl} alt="" />
            <p>
              <a href={template.href} dir="auto">
                {template.name}
              </a>
              {template.units !== null && (
                <small className="faint">{unitWords(template.units)}</small>
              )}
            </p>
            <Use of={template} brief={brief.trim()} />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Goes to the template's form with the words in it. They are in the body, so no log has them. */
function Use({ of, brief }: { of: NearTemplate; brief: string }) {
  const label = `Use “${of.name}”`
  if (of.textInput === null)
    return (
      <a className="btn btn-s" href={`${of.href}#run`} aria-label={label}>
        Use
      </a>
    )
  return (
    <form method="post" action={`${of.href}/use`}>
      <input type="hidden" name="csrfmiddlewaretoken" value={csrfToken()} />
      <input type="hidden" name="brief" value={brief} />
      <button type="submit" className="btn btn-s" aria-label={label}>
        Use
      </button>
    </form>
  )
}

/** Asks once no one has typed for a while. What was near stays until the next answer. */
function useNearest(brief: string): readonly NearTemplate[] {
  const [templates, setTemplates] = useState(NONE)
  useEffect(() => {
    if (brief === '') {
      setTemplates(NONE)
      return
    }
    return askAfterPause(async (signal) => {
      // They are optional: without an answer nothing is shown.
      const answer = await nearestTo(brief, { signal }).catch(() => NONE)
      if (!signal.aborted) setTemplates(answer)
    })
  }, [brief])
  return templates
}
