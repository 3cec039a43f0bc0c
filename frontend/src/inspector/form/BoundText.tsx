import { useContext } from 'react'
import { SourceChip } from '../SourceChip'
import { StageContext } from '../stageContext'
import type { Slot } from './slot'

interface Props {
  text: string
  slot: Slot
  label: string
  isSaid?: boolean | undefined
}

/** A value that is a binding: where it comes from, and a way out of it. */
export function BoundText({ text, slot, label, isSaid = false }: Props) {
  const stage = useContext(StageContext)
  return (
    <SourceChip
      text={text}
      stage={stage}
      label={label}
      isSaid={isSaid}
      onUnlink={() => slot.write(undefined)}
    />
  )
}
