import { isObject, row } from '../../document/ops'
import { useEditor } from '../../editor/store'
import { readText } from '../../graph/bindings'
import type { Issue } from '../../types'
import { Combobox } from '../Combobox'
import { perform } from '../doing'
import { Field } from '../form/Field'
import { SourceChip } from '../SourceChip'
import { fittingSources } from '../sources'
import { recordSlot } from './argument'
import { issuesAt } from './FlowFields'
import { RecordField } from './RecordField'

/** Whether people answer in words or pick among media, and how many they pick. */
export function PickFields({ node, issues }: { node: string; issues: readonly Issue[] }) {
  const doc = useEditor((state) => state.doc)
  const whole = recordSlot(doc, 'stages', node, ['select'], 'Pick from')
  const record = row(doc, 'stages', node)
  const select = isObject(record) && isObject(record.select) ? record.select : null
  const from = typeof select?.from === 'string' ? select.from : ''
  const isBound = from !== '' && readText(from).is !== 'literal'
  return (
    <>
      <Field
        label="Pick from"
        name="select"
        help="With nothing here, people answer in words."
        issues={issuesAt(issues, 'select')}
        isGroup
      >
        {(ids) =>
          isBound ? (
            <SourceChip
              text={from}
              stage={node}
              label="Pick from"
              isSaid={ids.isSaid ?? false}
              onUnlink={() => whole.write(undefined)}
            />
          ) : (
            <Combobox
              id={ids.id}
              label="Pick from"
              value={from}
              placeholder="Connect what a stage makes …"
              describedBy={ids.describedBy}
              empty="No stage before it makes media yet."
              choices={() => fittingSources(node, 'select').map(({ choice }) => choice)}
              onChoose={(id) => {
                const chosen = fittingSources(node, 'select').find((one) => one.choice.id === id)
                if (chosen) perform(chosen.option.edit())
              }}
            />
          )
        }
      </Field>
      {select && (
        <div className="two">
          {(['min', 'max'] as const).map((bound) => (
            <RecordField
              key={bound}
              table="stages"
              node={node}
              spec={{
                path: ['select', bound],
                label: bound === 'min' ? 'At least' : 'At most',
                schema: { type: 'integer', minimum: 1, 'x-plain': true },
              }}
            />
          ))}
        </div>
      )}
    </>
  )
}
