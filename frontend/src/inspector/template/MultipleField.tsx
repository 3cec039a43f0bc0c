import { isObject, row } from '../../document/ops'
import { useEditor } from '../../editor/store'
import { Field } from '../form/Field'
import { NumberControl } from '../form/NumberControl'
import { Switch } from '../form/Switch'
import { fieldSlot } from '../form/slot'
import { recordSlot } from '../stage/argument'

const COUNT = { type: 'integer', minimum: 0 }

/** The switch for several values of an input, and their number. */
export function MultipleField({ input }: { input: string }) {
  const doc = useEditor((state) => state.doc)
  const record = row(doc, 'inputs', input)
  const value = isObject(record) ? record.multiple : undefined
  const isOn = value === true || isObject(value)
  const slot = recordSlot(doc, 'inputs', input, ['multiple'], 'Multiple values')
  return (
    <>
      <Field label="Allow multiple values" name="multiple">
        {(ids) => (
          <Switch
            id={ids.id}
            isOn={isOn}
            onChange={(next) => slot.write(next ? { min: 1, max: 4 } : undefined)}
          />
        )}
      </Field>
      {isOn && (
        <div className="pair">
          {(['min', 'max'] as const).map((bound) => (
            <Field key={bound} label={bound === 'min' ? 'Minimum' : 'Maximum'}>
              {(ids) => (
                <NumberControl
                  schema={COUNT}
                  slot={fieldSlot(slot, bound)}
                  ids={ids}
                  label={bound === 'min' ? 'Minimum' : 'Maximum'}
                  placeholder={bound === 'min' ? '0' : 'any'}
                />
              )}
            </Field>
          ))}
        </div>
      )}
    </>
  )
}
