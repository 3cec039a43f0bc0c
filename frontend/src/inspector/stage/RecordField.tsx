import type { Issue, JsonObject } from '../../api/schema'
import { useEditor } from '../../editor/store'
import { Field } from '../form/Field'
import { SchemaControl } from '../form/SchemaControl'
import { isGroupOf, problemOf } from '../form/schema'
import { recordSlot } from './argument'

/** A field of a record and how it is asked for. */
export interface RecordFieldSpec {
  readonly path: readonly string[]
  readonly label: string
  readonly help?: string
  readonly schema: JsonObject
}

interface Props {
  table: 'stages' | 'inputs' | 'root'
  node: string
  spec: RecordFieldSpec
  issues?: readonly Issue[]
  isRequired?: boolean
}

/** One field of a stage, an input or the template that is no argument of a tool. */
export function RecordField({ table, node, spec, issues = [], isRequired = false }: Props) {
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
      {(ids) => <SchemaControl schema={schema} slot={slot} ids={ids} label={spec.label} />}
    </Field>
  )
}
