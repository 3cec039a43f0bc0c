import { Check, Clock, type LucideIcon, SkipForward, Square, TriangleAlert, X } from 'lucide-react'
import type { PublicStepStatus, RunStatus } from '../../api/schema'
import { RUN_STATUS_WORDS, STEP_STATUS_WORDS } from '../../api/words'

type Status = RunStatus | PublicStepStatus

const GLYPHS: Partial<Readonly<Record<Status, LucideIcon>>> = {
  queued: Clock,
  pending: Clock,
  completed: Check,
  partial_failure: TriangleAlert,
  failed: X,
  skipped: SkipForward,
  cancelled: Square,
}

const TONES: Partial<Readonly<Record<Status, string>>> = {
  running: 'pill-live',
  waiting_for_user: 'pill-wait',
  failed: 'pill-bad',
}

export function RunPill({ status }: { status: RunStatus }) {
  return <Pill status={status} word={RUN_STATUS_WORDS[status]} />
}

/** percent: how far a running step is, if that is known. */
export function StepPill({ status, percent = 0 }: { status: PublicStepStatus; percent?: number }) {
  const isUnderway = status === 'running' && percent > 0
  return <Pill status={status} word={isUnderway ? `${percent}%` : STEP_STATUS_WORDS[status]} />
}

function Pill({ status, word }: { status: Status; word: string }) {
  return (
    <span className={`pill ${TONES[status] ?? ''}`} data-state={status}>
      <Glyph status={status} />
      <span>{word}</span>
    </span>
  )
}

export function Glyph({ status }: { status: Status }) {
  const Found = GLYPHS[status]
  return Found ? <Found className="i" aria-hidden /> : <span className="dot" />
}
