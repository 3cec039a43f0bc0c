import { lazy, Suspense, useEffect } from 'react'
import { Bar } from '../bar/Bar'
import { Dialogs } from '../dialogs/Dialogs'
import { Inspector } from '../inspector/Inspector'
import { Dock } from '../outline/Dock'
import { Palette } from '../palette/Palette'
import { Timeline } from '../run/Timeline'
import '../canvas/commands'
import '../canvas/editing_commands'
import '../dialogs/commands'
import '../io/commands'
import '../outline/commands'
import '../run/commands'
import '../versions/commands'
import { onKeyDown } from './commands'
import { Opening } from './Opening'
import { editor, useEditor } from './store'
import { Toasts } from './Toasts'

// The two faces and the comparison are fetched when they are shown: a phone needs no canvas. The
// face that is shown first comes along with the document, not after it.
const fetchCanvas = () => import('../canvas/Canvas')
const fetchOutline = () => import('../outline/Outline')
void (editor().face === 'canvas' ? fetchCanvas() : fetchOutline())
const Canvas = lazy(async () => ({ default: (await fetchCanvas()).Canvas }))
const Outline = lazy(async () => ({ default: (await fetchOutline()).Outline }))
const Compare = lazy(async () => ({ default: (await import('../versions/Compare')).Compare }))

/** The whole editor. Each region is a room of its own. */
export function App() {
  const phase = useEditor((state) => state.phase)
  const mode = useEditor((state) => state.mode)
  const face = useEditor((state) => state.face)
  const canEdit = useEditor((state) => state.canEdit)
  const said = useEditor((state) => state.said)
  useEffect(() => {
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
  useEffect(() => {
    const live = document.getElementById('live')
    if (live) live.textContent = said
  }, [said])
  const name = useEditor((state) => state.template.name)
  if (phase !== 'open') return <Opening />
  const hasPalette = canEdit && mode !== 'compare' && face === 'canvas'
  return (
    <div className={`app face-${face} mode-${mode}${hasPalette ? '' : ' no-pal'}`}>
      <h1 className="sr">{name}, editor</h1>
      <Bar />
      {hasPalette && <Palette />}
      <Suspense fallback={<main className="can" id="main" tabIndex={-1} />}>
        {mode === 'compare' ? <Compare /> : face === 'canvas' ? <Canvas /> : <Outline />}
      </Suspense>
      {mode !== 'compare' && <Timeline />}
      {mode !== 'compare' && <Inspector />}
      <Dock />
      <Dialogs />
      <Toasts />
    </div>
  )
}
