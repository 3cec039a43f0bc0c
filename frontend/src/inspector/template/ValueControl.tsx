import type { Json, JsonObject } from '../../api/schema'
import { isObject, row } from '../../document/ops'
import { useEditor } from '../../editor/store'
import { inputOf } from '../../graph/documentReaders'
import type { FieldIds } from '../form/Field'
import { SchemaControl } from '../form/SchemaControl'
import type { Slot } from '../form/slot'
import { MediumValue } from '../media/MediumValue'

interface Props {
  input: string
  slot: Slot
  ids: FieldIds
  label: string
  /** The value that holds while none is entered. */
  placeholder?: string
}

/** A value of an input, by its type; what its JSON Schema says about it, too. */
export function ValueControl({ input, slot, ids, label, placeholder = '' }: Props) {
  const doc = useEditor((state) => state.doc)
  const inputRecord = inputOf(doc, input)
  const record = row(doc, 'inputs', input)
  const { type } = inputRecord
  if (type === null) return null
  if (type === 'image' || type === 'video' || type === 'audio')
    return (
      <MediumValue
        kind={type}
        value={slot.value}
        isMultiple={inputRecord.isMultiple}
        ids={ids}
        label={label}
        onChange={(value) => slot.write(value)}
      />
    )
  const one = schemaOf(type, isObject(record) ? record : {})
  const schema = inputRecord.isMultiple ? { type: 'array', items: one } : one
  return (
    <SchemaControl schema={schema} slot={slot} ids={ids} label={label} placeholder={placeholder} />
  )
}

function schemaOf(type: 'text' | 'number' | 'select' | 'boolean', record: JsonObject): JsonObject {
  const rules = isObject(record.jsonSchema) ? record.jsonSchema : {}
  switch (type) {
    case 'number': {
      const { minimum, maximum, multipleOf } = rules
      const limits = {
        minimum,
        maximum,
        multipleOf,
        type: rules.type === 'integer' ? 'integer' : 'number',
      }
      return Object.fromEntries(
        Object.entries(limits).filter((entry): entry is [string, Json] => entry[1] !== undefined),
      )
    }
    case 'boolean':
      return { type: 'boolean' }
    case 'select': {
      const options: readonly Json[] = Array.isArray(record.options) ? record.options : []
      const words: JsonObject = {}
      const values = options.map((option) => {
        const value = isObject(option) ? (option.value ?? null) : option
        if (isObject(option) && typeof option.label === 'string' && option.label !== '')
          words[String(value)] = option.label
        return value
      })
      return { enum: values, 'x-words': words }
    }
    default:
      return {
        type: 'string',
        ...(rules.maxLength === undefined ? {} : { maxLength: rules.maxLength }),
      }
  }
}
