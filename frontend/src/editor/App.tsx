import { useEffect } from 'react'
import { Bar } from '../bar/Bar'
import { Canvas } from '../canvas/Canvas'
import { Dialogs } from '../dialogs/Dialogs'
import { Inspector } from '../inspector/Inspector'
import { Outline } from '../outline/Outline'
import { Palette } from '../palette/Palette'
import { Timeline } from '../run/Timeline'
import { Compare } from '../versions/Compare'
import '../canvas/commands'
import '../canvas/editing_commands'
import '../dialogs/commands'
import '../io/commands'
import '../outline/commands'
import '../run/commands'
import '../versions/commands'
import { onKeyDown } from './commands'
import { Opening } from './Opening'
import { useEditor } from './store'
import { Toasts } from './Toasts'

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
      {mode === 'compare' ? <Compare /> : face === 'canvas' ? <Canvas /> : <Outline />}
      {mode !== 'compare' && <Timeline />}
      {mode !== 'compare' && <Inspector />}
      <Dialogs />
      <Toasts />
    </div>
  )
}
