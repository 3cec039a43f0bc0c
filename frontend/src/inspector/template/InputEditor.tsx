import { ArrowLeft, Trash2 } from 'lucide-react'
import type { Json } from '../../api/schema'
import { isObject, row } from '../../document/ops'
import { showInput } from '../../editor/inspected'
import { editor, useEditor } from '../../editor/store'
import { INPUT_CHOICES, inputTitle } from '../../graph/choices'
import { inputOf } from '../../graph/documentReaders'
import { nameOf } from '../../graph/edit'
import { setInputField, setValue } from '../../graph/edits/fields'
import { removeInput } from '../../graph/edits/names'
import { Fold } from '../Fold'
import { Field } from '../form/Field'
import { JsonControl } from '../form/JsonControl'
import { showValue } from '../form/schema'
import type { Slot } from '../form/slot'
import { IssueList } from '../IssueList'
import { issuesOfInput } from '../issues'
import { PanelFrame } from '../PanelFrame'
import { perform } from '../perform'
import { recordSlot } from '../stage/argument'
import { RecordField } from '../stage/RecordField'
import { InputName } from './InputName'
import { MultipleField } from './MultipleField'
import { OptionsField } from './OptionsField'
import { ValueControl } from './ValueControl'

const TYPE_SCHEMA = {
  type: 'string',
  enum: INPUT_CHOICES.map(({ type }) => type),
  'x-words': Object.fromEntries(INPUT_CHOICES.map(({ type, title }) => [type, title])),
}

/** One input: what people fill in, and its test value. */
export function InputEditor({ input: key }: { input: string }) {
  const doc = useEditor((state) => state.doc)
  const canEdit = useEditor((state) => state.canEdit)
  const issues = issuesOfInput(
    useEditor((state) => state.issues),
    doc,
    key,
  )
  const record = row(doc, 'inputs', key)
  const input = inputOf(doc, key)
  const inputRecord = isObject(record) ? record : {}
  const fields = { table: 'inputs' as const, node: key }
  const isMany = input.type !== null && input.type !== 'boolean'
  return (
    <PanelFrame head={<Head input={key} />}>
      <fieldset className="form" disabled={!canEdit}>
        {issues.length > 0 && <IssueList issues={issues} isHere />}
        <InputName input={key} />
        <RecordField
          {...fields}
          isRequired
          spec={{
            path: ['type'],
            label: 'Type',
            schema: TYPE_SCHEMA,
          }}
        />
        <RecordField
          {...fields}
          spec={{
            path: ['description'],
            label: 'Label',
            help: 'Short text becomes the label, longer text appears below the field.',
            schema: { type: 'string', 'x-plain': true },
          }}
        />
        <RecordField
          {...fields}
          spec={{
            path: ['required'],
            label: 'Required',
            schema: { type: 'boolean', default: false, 'x-plain': true },
          }}
        />
        {input.type === 'select' && <OptionsField input={key} />}
        {input.type !== null && <Values input={key} />}
        <Fold title="More">
          {isMany && <MultipleField input={key} />}
          <RecordField
            {...fields}
            spec={{
              path: ['internal'],
              label: 'Hidden',
              help: 'Not shown to people. The default is used.',
              schema: { type: 'boolean', default: false, 'x-plain': true },
            }}
          />
          <SchemaField input={key} value={inputRecord.jsonSchema} />
        </Fold>
      </fieldset>
    </PanelFrame>
  )
}

function Head({ input: key }: { input: string }) {
  const canEdit = useEditor((state) => state.canEdit)
  const name = useEditor((state) => nameOf(state.doc, key))
  const type = useEditor((state) => inputOf(state.doc, key).type)
  return (
    <>
      <button
        type="button"
        className="btn btn-s btn-bare btn-icon"
        aria-label="All inputs"
        title="All inputs"
        onClick={() => showInput(null)}
      >
        <ArrowLeft className="i" aria-hidden />
      </button>
      <div className="grow">
        <h2 className="clip" dir="auto">
          {name}
        </h2>
        <small>{type ? `${inputTitle(type)} input` : 'Input'}</small>
      </div>
      {canEdit && (
        <button
          type="button"
          className="btn btn-s btn-bare btn-icon"
          aria-label={`Delete input ${name}`}
          title="Delete"
          onClick={() => {
            perform(removeInput(editor().doc, key))
            showInput(null)
          }}
        >
          <Trash2 className="i" aria-hidden />
        </button>
      )}
    </>
  )
}

/** The default of an input, and its value for test runs. */
function Values({ input: key }: { input: string }) {
  const doc = useEditor((state) => state.doc)
  const record = row(doc, 'inputs', key)
  return (
    <>
      <ValueField
        label="Default"
        name="default"
        input={key}
        slot={recordSlot(doc, 'inputs', key, ['default'], 'Default')}
        help="Used when the field is left empty."
      />
      <ValueField
        label="Test value"
        name="try"
        input={key}
        slot={testSlot(key)}
        help="Only for your test runs. Not saved in the template."
        placeholder={showValue((isObject(record) ? record.default : undefined) ?? undefined)}
      />
    </>
  )
}

/** The test value of an input, as a slot. */
function testSlot(key: string): Slot {
  const record = row(editor().doc, 'values', key)
  return {
    value: isObject(record) ? record.value : undefined,
    write: (value, { burst = false } = {}) => {
      perform(setValue(editor().doc, key, value), burst ? `values/${key}` : undefined)
    },
  }
}

interface ValueProps {
  label: string
  name: string
  input: string
  slot: Slot
  help: string
  placeholder?: string
}

function ValueField({ label, name, input, slot, help, placeholder = '' }: ValueProps) {
  const record = useEditor((state) => inputOf(state.doc, input))
  return (
    <Field
      label={label}
      name={name}
      help={help}
      isGroup={record.isMultiple || (record.type !== 'text' && record.type !== 'number')}
      onReset={slot.value === undefined ? undefined : () => slot.write(undefined)}
    >
      {(ids) => (
        <ValueControl input={input} slot={slot} ids={ids} label={label} placeholder={placeholder} />
      )}
    </Field>
  )
}

function SchemaField({ input, value }: { input: string; value: Json | undefined }) {
  const slot: Slot = {
    value,
    write: (next) => {
      if (next === undefined || isObject(next))
        perform(setInputField(editor().doc, input, ['jsonSchema'], next), `schema/${input}`)
    },
  }
  return (
    <Field
      label="Validation (JSON Schema)"
      name="jsonSchema"
      help="For example minimum, maximum, maxLength."
      isGroup
    >
      {(ids) => (
        <JsonControl
          schema={{}}
          slot={slot}
          ids={ids}
          label="Validation (JSON Schema)"
          placeholder="{}"
        />
      )}
    </Field>
  )
}
