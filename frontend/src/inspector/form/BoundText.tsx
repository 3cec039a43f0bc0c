import { useContext } from 'react'
import { SourceChip } from '../SourceChip'
import { StageContext } from '../stage-context'
import type { Slot } from './slot'

/** A value that is a binding: where it comes from, and a way out of it. */
export function BoundText({ text, slot, label }: { text: string; slot: Slot; label: string }) {
  const stage = useContext(StageContext)
  return (
    <SourceChip text={text} stage={stage} label={label} onUnlink={() => slot.write(undefined)} />
  )
}
