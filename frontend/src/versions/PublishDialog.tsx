import { useId, useState } from 'react'
import { ApiError } from '../api/http'
import type { LicenseChoice } from '../api/schema'
import { isObject, own, row, TEMPLATE } from '../document/ops'
import { closeDialog } from '../editor/actions'
import { editor, useEditor } from '../editor/store'
import { clean, listed } from '../graph/words'
import { Dialog } from '../parts/Dialog'
import { showIssues } from './refused'
import { publish, saveVersion } from './saving'

/** Show the template to everyone: the newest version, saved now when the draft has moved on. */
export function PublishDialog() {
  const id = useEditor((state) => state.boot.templateId)
  const base = useEditor((state) => state.base)
  const isSaved = useEditor((state) => state.savedRev === state.rev && state.sync.pending === 0)
  const publishedVersion = useEditor((state) => state.template.publishedVersion)
  const licenses = useEditor((state) => state.template.licenses)
  const inside = useEditor((state) => state.template.privateTemplates) ?? []
  const template = useEditor((state) => row(state.doc, 'root', TEMPLATE))
  const brief = isObject(template) ? own(template, 'brief') : undefined
  const [showsBrief, setShowsBrief] = useState(false)
  const [license, setLicense] = useState(licenses?.find((one) => one.isChosen)?.value ?? '')
  const [problem, setProblem] = useState<Error | null>(null)
  const [isBusy, setBusy] = useState(false)
  const go = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const version = isSaved ? base : await saveVersion('')
      const shows = inside.map((one) => one.reference)
      // Said first: what the draft came to show since the dialog was drawn.
      const later =
        editor().template.privateTemplates?.filter((one) => !shows.includes(one.reference)) ?? []
      if (later.length > 0)
        throw new Error('A private template is shown, too. Read on, then publish.')
      await publish(version.number, license, shows, showsBrief)
      closeDialog()
    } catch (error) {
      setProblem(error as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={publishedVersion ? 'Publish changes?' : 'Publish this template?'}>
      <p>
        {isSaved
          ? `Anyone can see, run and remix v${base.version}.`
          : 'This saves the draft as a version and makes it public.'}
        {publishedVersion && ` Until then, people see v${publishedVersion}.`}
      </p>
      <p>
        Everyone sees its stages with their prompts, its inputs, and copies of the preview and
        default files. Nothing else from your runs.
      </p>
      {inside.length > 0 && (
        <p>
          This also shows the stages of{' '}
          {listed(
            inside.map((one) => one.title),
            inside.length,
          )}
          , which {inside.length === 1 ? 'is' : 'are'} private.
        </p>
      )}
      {licenses && licenses.length > 0 && (
        <LicenseField licenses={licenses} value={license} onPick={setLicense} />
      )}
      {typeof brief === 'string' && brief !== '' && (
        <BriefField brief={brief} isOn={showsBrief} onPick={setShowsBrief} />
      )}
      {problem && <Refused problem={problem} />}
      <div className="row">
        <a className="btn btn-bare" href={`/t/${encodeURIComponent(id)}/publish`}>
          Choose a preview
        </a>
        <span className="grow" />
        <button type="button" className="btn" onClick={() => closeDialog()}>
          Cancel
        </button>
        <button
          type="button"
          className="btn btn-ink"
          disabled={isBusy}
          aria-busy={isBusy}
          onClick={go}
        >
          Publish
        </button>
      </div>
    </Dialog>
  )
}

interface BriefProps {
  brief: string
  isOn: boolean
  onPick: (isOn: boolean) => void
}

/** Words of the template that may be those it was described in, which no one else needs. */
function BriefField({ brief, isOn, onPick }: BriefProps) {
  const help = useId()
  return (
    <div className="field">
      <label className="row">
        <input
          type="checkbox"
          className="check"
          checked={isOn}
          aria-describedby={help}
          onChange={(event) => onPick(event.target.checked)}
        />
        <span>Publish the description for agents</span>
      </label>
      <p className="help" id={help}>
        “<bdi>{clean(brief, 200)}</bdi>” If this is off, publishing removes it from the template.
      </p>
    </div>
  )
}

interface LicenseProps {
  licenses: readonly LicenseChoice[]
  value: string
  onPick: (value: string) => void
}

function LicenseField({ licenses, value, onPick }: LicenseProps) {
  const field = useId()
  return (
    <div className="field">
      <label htmlFor={field}>License</label>
      <select
        className="input"
        id={field}
        value={value}
        onChange={(event) => onPick(event.target.value)}
      >
        {licenses.map((one) => (
          <option key={one.value} value={one.value}>
            {one.text}
          </option>
        ))}
      </select>
    </div>
  )
}

/** The reason that it was not published. */
function Refused({ problem }: { problem: Error }) {
  const isInvalid = problem instanceof ApiError && problem.status === 422
  return (
    <div className="note note-bad" role="alert">
      <p>
        <strong>{problem.message}</strong>{' '}
        {isInvalid && (
          <button type="button" className="link" onClick={() => showIssues()}>
            Show problems
          </button>
        )}
      </p>
    </div>
  )
}
