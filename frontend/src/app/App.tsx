import { type ReactNode, useEffect } from 'react'
import { Bar } from '../bar/Bar'
import { useDescribe } from '../describe/store'
import { Dialogs } from '../dialogs/Dialogs'
import { Inspector } from '../inspector/Inspector'
import { Dock } from '../outline/Dock'
import { Palette } from '../palette/Palette'
import { later } from '../parts/later'
import { Timeline } from '../run/Timeline'
import '../canvas/commands'
import '../canvas/editingCommands'
import '../comments/commands'
import '../describe/commands'
import '../dialogs/commands'
import '../inspector/commands'
import '../io/commands'
import '../outline/commands'
import '../palette/commands'
import '../run/commands'
import '../versions/commands'
import { onKeyDown } from '../editor/commands'
import { editor, useEditor } from '../editor/store'
import { Opening } from './Opening'
import { Toasts } from './Toasts'

// The face that is shown first comes along with the document, the other and the comparison after it.
const FACE = {
  waiting: <main className="work-area" id="main" tabIndex={-1} />,
  frame: (sorry: ReactNode) => (
    <main className="work-area" id="main" tabIndex={-1}>
      <div className="opening">{sorry}</div>
    </main>
  ),
}
const Canvas = later(
  () => import('./CanvasFace'),
  (found) => found.CanvasFace,
  FACE,
)
const Outline = later(
  () => import('../outline/Outline'),
  (found) => found.Outline,
  FACE,
)
const Compare = later(
  () => import('../versions/Compare'),
  (found) => found.Compare,
  FACE,
)
const ProposalView = later(
  () => import('../describe/ProposalView'),
  (found) => found.ProposalView,
  FACE,
)
const OpenStageBar = later(
  () => import('./Crumbs'),
  (found) => found.OpenStageBar,
)
const DescribePanel = later(
  () => import('../describe/DescribePanel'),
  (found) => found.DescribePanel,
)
const FirstSteps = later(
  () => import('./FirstSteps'),
  (found) => found.FirstSteps,
)
if (editor().face === 'canvas') Canvas.fetch()
else Outline.fetch()

/** The whole editor. Each region is a room of its own. */
export function App() {
  const phase = useEditor((state) => state.phase)
  const boot = useEditor((state) => state.boot)
  const mode = useEditor((state) => state.mode)
  const face = useEditor((state) => state.face)
  const canEdit = useEditor((state) => state.canEdit)
  const isInside = useEditor((state) => state.inside !== null)
  const hasProposal = useDescribe((state) => state.isShown)
  useEffect(() => {
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
  if (phase !== 'open') return <Opening />
  const hasPalette = canEdit && mode !== 'compare' && face === 'canvas'
  return (
    <div
      className={`app face-${face} mode-${mode}${hasPalette ? '' : ' no-palette'}${hasProposal ? ' has-proposal' : ''}`}
    >
      <Bar />
      {hasPalette && <Palette />}
      {isInside && <OpenStageBar />}
      {mode === 'compare' ? (
        hasProposal ? (
          <ProposalView />
        ) : (
          <Compare />
        )
      ) : face === 'canvas' ? (
        <Canvas />
      ) : (
        <Outline />
      )}
      {mode !== 'compare' && <Timeline />}
      {mode !== 'compare' && <Inspector />}
      {canEdit && <DescribePanel />}
      {boot.isFirstVisit && canEdit && mode !== 'compare' && <FirstSteps />}
      <Dock />
      <Dialogs />
      <Toasts />
    </div>
  )
}
