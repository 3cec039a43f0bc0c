import { Check, CircleSlash, Clock, type LucideIcon, Play, Recycle, Square, X } from 'lucide-react'
import { type Look, type NodeState, percent } from './nodeState'

interface Sign {
  word: string
  /** Class of the pill. */
  tone: string
  /** null: a dot, for what is alive. */
  glyph: LucideIcon | null
}

const SIGNS: Readonly<Record<Exclude<Look, 'idle'>, Sign>> = {
  running: { word: '', tone: 'pill-live', glyph: null },
  turn: { word: 'Your turn', tone: 'pill-wait', glyph: null },
  failed: { word: 'Failed', tone: 'pill-bad', glyph: X },
  reused: { word: 'Reused', tone: 'pill-reused', glyph: Recycle },
  will: { word: 'Will run', tone: 'pill-live', glyph: Play },
  queued: { word: 'Queued', tone: '', glyph: Clock },
  done: { word: 'Done', tone: '', glyph: Check },
  skipped: { word: 'Skipped', tone: '', glyph: CircleSlash },
  cancelled: { word: 'Stopped', tone: '', glyph: Square },
}

/** A stage's state in one pill. tone: another than the canvas has. Idle ones say nothing. */
export function StatePill({
  state,
  title,
  tone,
}: {
  state: NodeState
  title?: string | undefined
  tone?: string
}) {
  if (state.look === 'idle') return null
  const { tone: own, glyph: Glyph } = SIGNS[state.look]
  const asks = state.look === 'turn' ? state.step?.asks : undefined
  const word = asks ? `Waiting for ${asks}` : SIGNS[state.look].word
  return (
    <span className={`pill ${tone ?? (asks ? '' : own)}`.trim()} title={title}>
      {Glyph ? (
        <Glyph className={Glyph === Play ? 'i i-fill' : 'i'} aria-hidden />
      ) : (
        <span className="dot" />
      )}
      {word || `${percent(state.step?.progress ?? 0)}%`}
    </span>
  )
}

/** The same without words, for what needs none. */
export function StateGlyph({ state }: { state: NodeState }) {
  const Glyph = state.look === 'idle' ? null : SIGNS[state.look].glyph
  return Glyph && <Glyph className="i" aria-hidden />
}
