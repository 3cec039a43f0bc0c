import {
  Bell as BellIcon,
  ChevronRight,
  CloudCheck,
  CloudOff,
  Eye,
  LoaderCircle,
  Redo2,
  Sparkles,
  Undo2,
} from 'lucide-react'
import { keptPlan } from '../describe/planRow'
import { useDescribe } from '../describe/store'
import type { Reason, SyncStatus } from '../document/sync'
import { setMode } from '../editor/actions'
import { commandOf, runCommand } from '../editor/commands'
import { roleWords } from '../editor/roles'
import { type Mode, useEditor } from '../editor/store'
import { Avatar } from '../parts/Avatar'
import { DraftSwitch } from '../run/DraftSwitch'
import { QuoteText } from '../run/QuoteText'
import { RunButton } from '../run/RunButton'
import { RunOfOthers, RunStatus } from '../run/RunStatus'
import { Name } from './Name'
import { Remix } from './Remix'
import { TemplateMenu } from './TemplateMenu'

const MODES: { mode: Mode; label: string }[] = [
  { mode: 'edit', label: 'Edit' },
  { mode: 'run', label: 'Run' },
  { mode: 'compare', label: 'Compare' },
]

/** The bar on top: where I am, whether it is safe, what a run costs, and Run. */
export function Bar() {
  const mode = useEditor((state) => state.mode)
  const canEdit = useEditor((state) => state.template.canEdit)
  const isInside = useEditor((state) => state.inside !== null)
  const role = useEditor((state) => state.template.role)
  const isOwner = useEditor((state) => state.template.isOwner)
  const title = useEditor((state) => state.template.name)
  const hasProposal = useDescribe((state) => state.isShown)
  return (
    <header className="editor-bar">
      <div>
        <a href="/me/templates" aria-label="Back to my templates" className="row">
          <Mark />
        </a>
        <nav className="crumb" aria-label="Breadcrumb">
          <a href="/me/templates">My templates</a>
          <ChevronRight className="i i-12" aria-hidden />
          <Name />
          <TemplateMenu />
        </nav>
        {canEdit ? <Saved /> : <ReadOnly />}
        {canEdit && !isInside && <span className="divider" />}
        {canEdit && !isInside && <Travel />}
        <h1 className="visually-hidden">{title}, editor</h1>
      </div>
      <fieldset className="segmented" aria-label="Mode">
        {MODES.filter(({ mode }) =>
          mode === 'compare' ? canEdit && !isInside : canEdit || mode === 'edit' || role,
        ).map((entry) => (
          <button
            key={entry.mode}
            type="button"
            aria-pressed={mode === entry.mode}
            onClick={() => setMode(entry.mode)}
          >
            {canEdit || entry.mode !== 'edit' ? entry.label : role ? 'View' : 'View only'}
          </button>
        ))}
      </fieldset>
      <div>
        <Bell />
        <People />
        {mode === 'edit' && <RunOfOthers />}
        {mode === 'edit' && canEdit && <QuoteText />}
        {mode === 'edit' && canEdit && <DraftSwitch />}
        {mode === 'run' && <RunStatus />}
        {mode === 'compare' && (
          <button type="button" className="btn btn-s btn-bare" onClick={() => setMode('edit')}>
            {hasProposal ? (
              'Decide later'
            ) : (
              <>
                Close compare
                <kbd>Esc</kbd>
              </>
            )}
          </button>
        )}
        {canEdit && !isInside && mode !== 'compare' && <Ask />}
        {canEdit && isOwner && mode !== 'compare' && (
          <button
            type="button"
            className="btn btn-s wide-only"
            onClick={() => runCommand('publish')}
          >
            Publish
          </button>
        )}
        {canEdit ? (
          mode !== 'compare' && <RunButton />
        ) : (
          <Remix label="Remix to edit" className="btn-s" />
        )}
      </div>
    </header>
  )
}

/** Describe what to make, change it, or change the plan that it was made by. */
function Ask() {
  const isBlank = useEditor(({ doc }) => doc.stages.order.length === 0)
  const hasPlan = useEditor(({ doc }) => keptPlan(doc) !== null)
  const command = commandOf(isBlank ? 'describe' : 'change')
  if (!command) return null
  return (
    <>
      <button
        type="button"
        className="btn btn-s wide-only"
        title={`${command.label} (D)`}
        onClick={() => runCommand(command.id)}
      >
        <Sparkles className="i i-14" aria-hidden />
        {command.label}
      </button>
      {hasPlan && (
        <button type="button" className="btn btn-s wide-only" onClick={() => runCommand('plan')}>
          Change the plan
        </button>
      )}
    </>
  )
}

/** The number of unread notices, and the latest of them: the script `pages/bell.ts` makes it. */
function Bell() {
  const person = useEditor((state) => state.boot.me.id)
  return (
    <notice-bell person={person}>
      <a className="btn btn-s btn-bare btn-icon bell" href="/me/notices" aria-label="Notices">
        <BellIcon className="i" aria-hidden />
      </a>
    </notice-bell>
  )
}

function Travel() {
  const undoLabel = useEditor((state) => state.undoLabel)
  const redoLabel = useEditor((state) => state.redoLabel)
  return (
    <>
      <button
        type="button"
        className="btn btn-s btn-bare btn-icon"
        aria-label={undoLabel ? `Undo: ${undoLabel}` : 'Undo'}
        title={undoLabel ? `Undo “${undoLabel}” (Ctrl Z)` : 'Nothing to undo'}
        aria-disabled={undoLabel === null}
        onClick={() => runCommand('undo')}
      >
        <Undo2 className="i" aria-hidden />
      </button>
      <button
        type="button"
        className="btn btn-s btn-bare btn-icon"
        aria-label={redoLabel ? `Redo: ${redoLabel}` : 'Redo'}
        title={redoLabel ? `Redo “${redoLabel}” (Ctrl Shift Z)` : 'Nothing to redo'}
        aria-disabled={redoLabel === null}
        onClick={() => runCommand('redo')}
      >
        <Redo2 className="i" aria-hidden />
      </button>
    </>
  )
}

/** My rights, where they don't include editing; and what I did before they changed. */
function ReadOnly() {
  const role = useEditor((state) => state.template.role)
  const pending = useEditor((state) => state.sync.pending)
  if (!role) return null
  return (
    <>
      <span className="role-words">
        <Eye className="i i-14" aria-hidden />
        <span className="clip">{roleWords(role)}</span>
      </span>
      {pending > 0 && <Saved />}
    </>
  )
}

function Saved() {
  const sync = useEditor((state) => state.sync)
  const words = savedWords(sync)
  const isBad = sync.state === 'offline'
  const Glyph = isBad ? CloudOff : sync.state === 'saving' ? LoaderCircle : CloudCheck
  return (
    <span className={`saved${isBad ? ' is-bad' : ''}`} role="status" title={words}>
      <Glyph className="i i-14" aria-hidden />
      <span>{words}</span>
    </span>
  )
}

const WHY: Readonly<Record<Reason, string>> = {
  network: 'Offline',
  'signed-out': 'Signed out',
  forbidden: 'Not saved: you no longer have edit access',
  gone: 'Not saved: this template was deleted',
  full: 'Not saved: your storage is full',
  busy: 'Saving',
  outdated: 'The server was updated',
}

/** Say whether my work is saved, and where. */
export function savedWords({ state, pending, isKept, reason }: SyncStatus): string {
  if (state === 'saved') return 'Saved'
  if (state === 'saving') return 'Saving'
  const why = WHY[reason ?? 'network']
  if (pending === 0) return why
  const count = pending === 1 ? '1 change' : `${pending} changes`
  return isKept ? `${why}: ${count} saved on this device` : `${why}: ${count} only in this tab`
}

function People() {
  const people = useEditor((state) => state.people)
  const me = useEditor((state) => state.boot.me)
  const role = useEditor((state) => state.template.role)
  const others = [...new Map(people.map((one) => [one.id, one])).values()].filter(
    (one) => one.id !== me.id,
  )
  const share = commandOf('share')
  if (!role || (others.length === 0 && !share)) return null
  const names = others.map((one) => one.name)
  const here = names.length ? `Here now: you and ${names.join(', ')}` : 'Here now: only you'
  return (
    <button
      type="button"
      className="who wide-only"
      aria-label={`${here}. Share`}
      title={`${here}. Share`}
      onClick={() => runCommand('share')}
    >
      <Avatar name={me.name} hue={me.hue} />
      {others.slice(0, 4).map((one) => (
        <Avatar key={one.id} name={one.name} hue={one.hue} />
      ))}
      {others.length > 4 && <span className="avatar">+{others.length - 4}</span>}
    </button>
  )
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M11.6 7.4C17 7.4 7 16.6 12.4 16.6" strokeLinecap="round" />
      <circle cx="7" cy="7.4" r="4.3" />
      <circle className="mark-lit" cx="17" cy="16.6" r="5.3" />
      <circle className="mark-hub" cx="17" cy="16.6" r="1.7" />
    </svg>
  )
}
