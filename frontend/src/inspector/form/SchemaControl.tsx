import { readText } from '../../graph/bindings'
import { BooleanControl } from './BooleanControl'
import { BoundText } from './BoundText'
import { ChoiceControl } from './ChoiceControl'
import type { ControlProps } from './control'
import { JsonControl } from './JsonControl'
import { ListControl } from './ListControl'
import { LooseControl } from './LooseControl'
import { NumberControl } from './NumberControl'
import { ObjectControl } from './ObjectControl'
import { canShow, kindOf, showValue, unwrap } from './schema'
import { TextControl } from './TextControl'

/** The control of a schema, for any value: what its control cannot show is edited as JSON. */
export function SchemaControl({ schema: given, ...props }: ControlProps) {
  const schema = unwrap(given)
  const { value } = props.slot
  if (typeof value === 'string' && readText(value).type !== 'literal')
    return (
      <BoundText text={value} slot={props.slot} label={props.label} isSaid={props.ids.isSaid} />
    )
  const kind = kindOf(schema)
  if (!canShow(kind, value)) return <JsonControl {...props} schema={schema} />
  const placeholder = props.placeholder ?? showValue(schema.default)
  const all = { unit: showValue(schema['x-unit']), ...props, schema, placeholder }
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
      return <ListControl {...all} Part={SchemaControl} />
    case 'object':
      return <ObjectControl {...all} Part={SchemaControl} />
    default:
      return <JsonControl {...all} />
  }
}
