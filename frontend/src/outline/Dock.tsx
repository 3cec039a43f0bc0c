import { GalleryVerticalEnd, ListTree, type LucideIcon, Play, Workflow } from 'lucide-react'
import { Remix } from '../bar/Remix'
import { setFace } from '../editor/actions'
import { roleWords } from '../editor/roles'
import { useEditor } from '../editor/store'
import { usePhone } from '../parts/phone'
import { DraftSwitch } from '../run/DraftSwitch'
import { QuoteText } from '../run/QuoteText'
import { RunButton } from '../run/RunButton'
import { RunStatus } from '../run/RunStatus'
import { setTab, type Tab, useOutline } from './state'

const TABS: readonly { tab: Tab | 'canvas'; label: string; icon: LucideIcon }[] = [
  { tab: 'outline', label: 'Outline', icon: ListTree },
  { tab: 'canvas', label: 'Canvas', icon: Workflow },
  { tab: 'run', label: 'Run', icon: Play },
  { tab: 'results', label: 'Results', icon: GalleryVerticalEnd },
]

/** On phones, below everything: what a run takes or how it goes, Run, and the faces. */
export function Dock() {
  const isPhone = usePhone()
  const face = useEditor((state) => state.face)
  const mode = useEditor((state) => state.mode)
  const canEdit = useEditor((state) => state.template.canEdit)
  const role = useEditor((state) => state.template.role)
  const tab = useOutline((state) => state.tab)
  if (!isPhone || mode === 'compare') return null
  const current = face === 'canvas' ? 'canvas' : tab
  return (
    <footer className="dock">
      <div className="run-line">
        <div className="grow">
          {mode === 'run' ? (
            <RunStatus />
          ) : canEdit ? (
            <QuoteText />
          ) : role ? (
            roleWords(role)
          ) : (
            'View only. Remix to edit.'
          )}
        </div>
        {canEdit && mode === 'edit' && <DraftSwitch />}
        {canEdit ? <RunButton /> : <Remix label="Remix" />}
      </div>
      <nav className="phone-tabs" aria-label="View">
        {TABS.map((one) => (
          <button
            key={one.tab}
            type="button"
            aria-current={current === one.tab ? 'page' : undefined}
            onClick={() => {
              setFace(one.tab === 'canvas' ? 'canvas' : 'outline')
              if (one.tab !== 'canvas') setTab(one.tab)
            }}
          >
            <one.icon className="i" aria-hidden />
            {one.label}
          </button>
        ))}
      </nav>
    </footer>
  )
}
