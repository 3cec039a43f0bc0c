import type { Json, Tool } from '../../types'
import { Combobox } from '../Combobox'
import type { ControlProps } from '../form/SchemaControl'
import { showValue } from '../form/schema'

/** The model of a stage: known names to search in, and any other name. */
export function ModelControl({ schema, slot, ids, label, tool }: ControlProps & { tool: Tool }) {
  const known: readonly Json[] = Array.isArray(schema.examples) ? schema.examples : []
  const value = showValue(slot.value)
  const units = tool.units === 1 ? '1 unit each' : `${tool.units} units each`
  const isKnown = value === '' || known.includes(value)
  return (
    <>
      <Combobox
        id={ids.id}
        label={label}
        value={value}
        placeholder={tool.isProvided ? `${providerName(tool)} chooses` : 'The provider chooses'}
        describedBy={ids.describedBy}
        isInvalid={ids.isInvalid}
        empty="No known name has this in it. Enter takes it as you wrote it."
        choices={() =>
          known.map((name) => ({
            id: String(name),
            label: String(name),
            detail: tool.isProvided ? units : 'no provider here',
            isMarked: !tool.isProvided,
          }))
        }
        onChoose={(name) => slot.write(name)}
        onText={(text) => slot.write(text.trim() === '' ? undefined : text.trim())}
      />
      <p className="help">
        {tool.isProvided
          ? `${providerName(tool)} does it, ${units}.`
          : 'No provider here does this. The name is kept for where there is one.'}
        {!isKnown && ' This name is not among the known ones.'}
        {tool.provider === 'studio' &&
          value !== '' &&
          ' It draws in its own way, whatever the name.'}
      </p>
    </>
  )
}

function providerName(tool: Tool): string {
  // What comes with Reelgraph is called what it is.
  return tool.provider === 'studio' ? 'The built-in studio' : tool.provider
}
