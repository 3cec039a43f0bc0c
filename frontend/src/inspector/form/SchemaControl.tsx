import type { JsonObject } from '../../api/schema'
import { isObject } from '../../document/ops'
import { readText } from '../../graph/bindings'
import { BooleanControl } from './BooleanControl'
import { BoundText } from './BoundText'
import { ChoiceControl } from './ChoiceControl'
import type { FieldIds } from './Field'
import { JsonControl } from './JsonControl'
import { ListControl } from './ListControl'
import { LooseControl } from './LooseControl'
import { NumberControl } from './NumberControl'
import { ObjectControl } from './ObjectControl'
import { canShow, isSegment, kindOf, optionsOf, optionWords, showValue, unwrap } from './schema'
import type { Slot } from './slot'
import { TextControl } from './TextControl'

export interface ControlProps {
  /** Without "or null": see `unwrap`. */
  schema: JsonObject
  slot: Slot
  ids: FieldIds
  label: string
  unit?: string
  /** What holds while nothing is written. */
  placeholder?: string
}

interface Props extends Omit<ControlProps, 'schema'> {
  schema: JsonObject
}

/** The control of a schema, for any value: what its control cannot show is edited as JSON. */
export function SchemaControl({ schema: given, ...props }: Props) {
  const schema = unwrap(given)
  const { value } = props.slot
  if (typeof value === 'string' && readText(value).is !== 'literal')
    return (
      <BoundText text={value} slot={props.slot} label={props.label} isSaid={props.ids.isSaid} />
    )
  const kind = kindOf(schema)
  if (!canShow(kind, value)) return <JsonControl {...props} schema={schema} />
  const placeholder = props.placeholder ?? showValue(schema.default)
  const all = { ...props, schema, placeholder }
  switch (kind) {
    case 'const':
      return <output id={props.ids.id}>{showValue(schema.const)}</output>
    case 'choice':
      return <ChoiceControl {...all} />
    case 'loose':
      return <LooseControl {...all} />
    case 'text':
      return <TextControl {...all} />
    case 'number':
      return <NumberControl {...all} />
    case 'boolean':
      return <BooleanControl {...all} />
    case 'list':
      return <ListControl {...all} />
    case 'object':
      return <ObjectControl {...all} />
    default:
      return <JsonControl {...all} />
  }
}

/** Whether a control is a group of several, named by its label's id. */
export function isGroupOf(given: JsonObject, isBound: boolean): boolean {
  if (isBound) return true
  const schema = unwrap(given)
  const kind = kindOf(schema)
  if (kind === 'choice')
    return isSegment(optionsOf(schema).map((option) => optionWords(option, schema)))
  return kind === 'list' || kind === 'object' || isObject(schema.const)
}
