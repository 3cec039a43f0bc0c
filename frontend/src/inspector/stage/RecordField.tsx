import { SchemaControl } from '../form/SchemaControl'
import { type RecordFieldProps, RecordFrame } from './RecordFrame'

/** One field of a stage, an input or the template that is no argument of a tool. */
export function RecordField(props: RecordFieldProps) {
  const { schema, label } = props.spec
  return (
    <RecordFrame {...props}>
      {(slot, ids) => <SchemaControl schema={schema} slot={slot} ids={ids} label={label} />}
    </RecordFrame>
  )
}
