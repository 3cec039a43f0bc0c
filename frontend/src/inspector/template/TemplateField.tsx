import { useEditor } from '../../editor/store'
import { readText } from '../../graph/bindings'
import { later } from '../../parts/later'
import { TextControl } from '../form/TextControl'
import { issuesOfTemplate } from '../issues'
import { type RecordFieldSpec, RecordFrame } from '../stage/RecordFrame'

const SchemaControl = later(
  () => import('../form/SchemaControl'),
  (found) => found.SchemaControl,
)

/** A text of the template. It is what is seen first: other controls come when its value asks for one. */
export function TemplateField({ spec }: { spec: RecordFieldSpec }) {
  const issues = useEditor((state) => state.issues)
  const { path, label, schema } = spec
  return (
    <RecordFrame
      table="root"
      node="template"
      spec={spec}
      issues={issuesOfTemplate(issues, path[0] ?? '')}
      isRequired={path[0] === 'name'}
    >
      {(slot, ids) => {
        const { value = '' } = slot
        const isText = typeof value === 'string' && readText(value).type === 'literal'
        const Control = isText ? TextControl : SchemaControl
        return <Control schema={schema} slot={slot} ids={ids} label={label} />
      }}
    </RecordFrame>
  )
}
