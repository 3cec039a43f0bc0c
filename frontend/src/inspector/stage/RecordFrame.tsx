import type { ReactNode } from 'react'
import type { Issue, JsonObject } from '../../api/schema'
import { useEditor } from '../../editor/store'
import { Field, type FieldIds } from '../form/Field'
import { isGroupOf, problemOf } from '../form/schema'
import type { Slot } from '../form/slot'
import { recordSlot } from './argument'

/** A field of a record and how it is asked for. */
export interface RecordFieldSpec {
  readonly path: readonly string[]
  readonly label: string
  readonly help?: string
  readonly schema: JsonObject
}

export interface RecordFieldProps {
  table: 'stages' | 'inputs' | 'root'
  node: string
  spec: RecordFieldSpec
  issues?: readonly Issue[]
  isRequired?: boolean
}

interface FrameProps extends RecordFieldProps {
  children: (slot: Slot, ids: FieldIds) => ReactNode
}

/** A field of a record around its control: label, reset, and what is wrong. */
export function RecordFrame(props: FrameProps) {
  const { table, node, spec, issues = [], isRequired = false } = props
  const doc = useEditor((state) => state.doc)
  const slot = recordSlot(doc, table, node, spec.path, spec.label)
  const { schema } = spec
  return (
    <Field
      label={spec.label}
      help={spec.help}
      name={spec.path[0] ?? ''}
      isRequired={isRequired && slot.value === undefined}
      problem={problemOf(schema, slot.value)}
      issues={issues}
      isGroup={isGroupOf(schema, false)}
      onReset={
        slot.value !== undefined && !isRequired && schema['x-plain'] !== true
          ? () => slot.write(undefined)
          : undefined
      }
    >
      {(ids) => props.children(slot, ids)}
    </Field>
  )
}
