import { doerOf } from '../../graph/doers'
import type { Json, Provider, Tool } from '../../types'
import { Combobox } from '../Combobox'
import type { ControlProps } from '../form/SchemaControl'
import { showValue } from '../form/schema'

/** The model of a stage: known names to search in, and any other name. It may choose who does it. */
export function ModelControl({ schema, slot, ids, label, tool }: ControlProps & { tool: Tool }) {
  const listed: readonly Json[] = Array.isArray(schema.examples) ? schema.examples : []
  const known = namesOf(tool, listed)
  const value = showValue(slot.value)
  const usual = tool.providers[0]
  const isKnown = value === '' || known.includes(value)
  return (
    <>
      <Combobox
        id={ids.id}
        label={label}
        value={value}
        placeholder={usual ? `${nameOf(usual)} chooses` : 'The provider chooses'}
        describedBy={ids.describedBy}
        isInvalid={ids.isInvalid}
        empty="No known name has this in it. Enter takes it as you wrote it."
        choices={() =>
          known.map((name) => ({
            id: name,
            label: name,
            detail: detailOf(tool, name),
            isMarked: !usual,
          }))
        }
        onChoose={(name) => slot.write(name)}
        onText={(text) => slot.write(text.trim() === '' ? undefined : text.trim())}
      />
      <p className="help">
        {wordsOf(tool, value)}
        {!isKnown && ' This name is not among the known ones.'}
      </p>
    </>
  )
}

/** What providers here make comes first, then what the tool knows by name. */
function namesOf(tool: Tool, listed: readonly Json[]): string[] {
  const made = tool.providers.flatMap(({ makes }) => makes)
  return [...new Set([...made, ...listed.map(String)])]
}

function detailOf(tool: Tool, name: string): string {
  const doer = doerOf(tool, name)
  if (!doer) return 'no provider here'
  return tool.providers.length > 1
    ? `${doer.provider.title}, ${eachOf(doer.provider)}`
    : eachOf(doer.provider)
}

function wordsOf(tool: Tool, value: string): string {
  const doer = doerOf(tool, value)
  if (!doer) return 'No provider here does this. The name is kept for where there is one.'
  const { provider, model, isDraft } = doer
  const how = model === '' || model === value ? '' : ` by ${model}`
  const words = `${nameOf(provider)} does it${how}, ${eachOf(provider)}.`
  return isDraft && value !== '' ? `${words} It draws in its own way, whatever the name.` : words
}

function eachOf({ units }: Provider): string {
  return units === 1 ? '1 unit each' : `${units} units each`
}

function nameOf({ name, title }: Provider): string {
  // What comes with Reelgraph is called what it is.
  return name === 'studio' ? 'The built-in studio' : title
}
