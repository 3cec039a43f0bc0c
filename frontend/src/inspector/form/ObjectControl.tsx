import { useId } from 'react'
import type { JsonObject } from '../../api/schema'
import { isObject } from '../../document/ops'
import type { PartedProps } from './control'
import { Field } from './Field'
import { isGroupOf, problemOf, showValue } from './schema'
import { fieldSlot } from './slot'

/** The fields of an object, and those that the schema does not name. */
export function ObjectControl({ schema, slot, ids, Part }: PartedProps) {
  const extra = useId()
  const properties = isObject(schema.properties) ? schema.properties : {}
  const requiredNames = Array.isArray(schema.required) ? schema.required : []
  const value = isObject(slot.value) ? slot.value : {}
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(properties, name))
  const fields: [string, JsonObject][] = [
    ...Object.entries(properties).map(([name, part]): [string, JsonObject] => [
      name,
      isObject(part) ? part : {},
    ]),
    ...unknown.map((name): [string, JsonObject] => [name, {}]),
  ]
  return (
    <fieldset className="nest" id={ids.id} aria-labelledby={ids.labelId} key={extra}>
      {fields.map(([name, part]) => {
        const inner = fieldSlot(slot, name)
        const label = typeof part.title === 'string' ? part.title : name
        return (
          <Field
            key={name}
            label={label}
            help={typeof part.description === 'string' ? part.description : undefined}
            isRequired={requiredNames.includes(name) && inner.value === undefined}
            problem={problemOf(part, inner.value)}
            isGroup={isGroupOf(part, false)}
            onReset={
              inner.value !== undefined && !requiredNames.includes(name)
                ? () => inner.write(undefined)
                : undefined
            }
          >
            {(own) => (
              <Part
                schema={part}
                slot={inner}
                ids={own}
                label={label}
                placeholder={showValue(part.default)}
              />
            )}
          </Field>
        )
      })}
    </fieldset>
  )
}
