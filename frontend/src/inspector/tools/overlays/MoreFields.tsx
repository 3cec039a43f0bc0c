import type { Json, JsonObject, Tool } from '../../../api/schema'
import { isObject } from '../../../document/ops'
import { Fold } from '../../Fold'
import { Field } from '../../form/Field'
import { SchemaControl } from '../../form/SchemaControl'
import { isGroupOf, problemOf, unwrap } from '../../form/schema'
import { ColourField } from '../film/ColourField'
import { type Kind, kindOf, type Overlay, withFields } from './overlays'

/** Fields that are set by hand or above, and those that only some kinds have. */
const ELSEWHERE = new Set([
  ...['kind', 'position', 'offsetX', 'offsetY', 'xPct', 'yPct', 'startSeconds', 'endSeconds'],
  ...['text', 'fontSizePct', 'color', 'outlineColor', 'backgroundColor', 'fontWeight'],
  ...['sourceImageIndex', 'overlayVideoIndex', 'widthPct', 'opacity', 'fit'],
])
const ONLY: Readonly<Record<string, readonly Kind[]>> = {
  volume: ['clip'],
  shape: ['image', 'clip'],
  borderColor: ['image', 'clip'],
  shadow: ['image', 'clip'],
  keyColor: ['image', 'clip'],
}

interface Props {
  tool: Tool
  given: Json
  overlay: Overlay
  onWrite: (fields: Readonly<Record<string, Json | undefined>>, burst?: boolean) => void
  onLeave: () => void
}

/** Whatever else the tool knows about an overlay, asked for as its schema says. */
export function More({ tool, given, overlay, onWrite, onLeave }: Props) {
  const parameter = tool.parameters.find(({ name }) => name === 'overlays')
  const item = parameter && isObject(parameter.schema.items) ? parameter.schema.items : {}
  const properties = isObject(item.properties) ? item.properties : {}
  const kind = kindOf(overlay)
  const fields = Object.entries(properties).filter(
    ([name]) => !ELSEWHERE.has(name) && (ONLY[name]?.includes(kind) ?? true),
  )
  if (fields.length === 0) return null
  const current = withFields(given, {})
  const count = fields.filter(([name]) => current[name] !== undefined).length
  return (
    <Fold title="More" count={count}>
      {fields.map(([name, schema]) => (
        <OneField
          key={name}
          name={name}
          schema={unwrap(schema as JsonObject)}
          value={current[name]}
          onWrite={onWrite}
          onLeave={onLeave}
        />
      ))}
    </Fold>
  )
}

interface OneProps extends Pick<Props, 'onWrite' | 'onLeave'> {
  name: string
  schema: JsonObject
  value: Json | undefined
}

function OneField({ name, schema, value, onWrite, onLeave }: OneProps) {
  const title = TITLES[name] ?? String(schema.title ?? name)
  if (name.endsWith('Color'))
    return (
      <ColourField
        label={title}
        value={typeof value === 'string' ? value : null}
        usual=""
        onChange={(next) => onWrite({ [name]: next }, true)}
        onEnd={onLeave}
      />
    )
  const slot = {
    value: value ?? undefined,
    write: (next: Json | undefined, { burst = false } = {}) => onWrite({ [name]: next }, burst),
  }
  return (
    <Field
      label={title}
      help={String(schema.description ?? '')}
      problem={problemOf(schema, value)}
      isGroup={isGroupOf(schema, false)}
    >
      {(ids) => <SchemaControl schema={schema} slot={slot} ids={ids} label={title} />}
    </Field>
  )
}

const TITLES: Readonly<Record<string, string>> = {
  entrance: 'Animation',
  fadeSeconds: 'Animation length',
  shape: 'Shape',
  borderColor: 'Border',
  shadow: 'Shadow',
  keyColor: 'Remove color',
  volume: 'Volume',
}
