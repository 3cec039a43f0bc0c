import { useId } from 'react'
import type { JsonObject, Tool } from '../../../api/schema'
import { isObject } from '../../../document/ops'
import { endGesture } from '../../../editor/actions'
import { useEditor } from '../../../editor/store'
import { Fold } from '../../Fold'
import { Field } from '../../form/Field'
import { SchemaControl } from '../../form/SchemaControl'
import { isGroupOf, problemOf } from '../../form/schema'
import { fieldSlot } from '../../form/slot'
import { argumentSlot } from '../../stage/argument'
import { ColourField } from '../film/ColourField'
import type { Look } from './Preview'

const POSITIONS = ['bottom', 'center', 'top'] as const

/** The style of the lines: position, size, colors. */
export function StyleFields({ node, tool }: { node: string; tool: Tool }) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const id = useId()
  const parameter = tool.parameters.find(({ name }) => name === 'style')
  const fields =
    parameter && isObject(parameter.schema.properties) ? parameter.schema.properties : {}
  const slot = argumentSlot(doc, tools, node, 'style', 'Style')
  if (slot.value !== undefined && !isObject(slot.value)) return null
  return (
    <Fold title="Style" isOpen>
      <div className="look-fields" id={id}>
        {Object.entries(fields).map(([name, given]) => {
          const schema = given as JsonObject
          const inner = fieldSlot(slot, name)
          const title = TITLES[name] ?? String(schema.title ?? name)
          if (name.toLowerCase().endsWith('color'))
            return (
              <ColourField
                key={name}
                label={title}
                value={typeof inner.value === 'string' ? inner.value : null}
                usual={String(schema.default ?? '#FFFFFF')}
                onChange={(value) => inner.write(value, { burst: true })}
                onEnd={endGesture}
              />
            )
          return (
            <Field
              key={name}
              label={title}
              problem={problemOf(schema, inner.value)}
              isGroup={isGroupOf(schema, false)}
            >
              {(ids) => <SchemaControl schema={schema} slot={inner} ids={ids} label={title} />}
            </Field>
          )
        })}
      </div>
    </Fold>
  )
}

const TITLES: Readonly<Record<string, string>> = {
  fontSizePct: 'Size (% of height)',
  color: 'Color',
  outlineColor: 'Outline',
  position: 'Position',
}

/** The style of a stage, with what it says nothing about as the tool fills it in. */
export function useLook(node: string): Look {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const { value } = argumentSlot(doc, tools, node, 'style', '')
  const style = isObject(value) ? value : {}
  const size = style.fontSizePct ?? style.font_size_pct
  const edge = style.outlineColor ?? style.outline_color
  return {
    sizePct: typeof size === 'number' ? Math.min(Math.max(size, 1), 30) : 6,
    color: typeof style.color === 'string' ? style.color : '#FFFFFF',
    outlineColor: typeof edge === 'string' ? edge : '#000000',
    position: POSITIONS.find((known) => known === style.position) ?? 'bottom',
  }
}
