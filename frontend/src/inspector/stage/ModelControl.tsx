import type { Json, Provider, Tool } from '../../api/schema'
import { doerOf } from '../../graph/providers'
import { unitWords } from '../../run/shared/credits'
import { Combobox } from '../Combobox'
import type { ControlProps } from '../form/control'
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
        placeholder={usual ? `Default (${nameOf(usual)})` : 'Default'}
        describedBy={ids.describedBy}
        isInvalid={ids.isInvalid}
        empty="No match. Press Enter to use it anyway."
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
        {!isKnown && ' Unknown model name.'}
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
  if (!doer) return 'not available'
  return tool.providers.length > 1
    ? `${doer.provider.title}, ${eachOf(doer.provider)}`
    : eachOf(doer.provider)
}

function wordsOf(tool: Tool, value: string): string {
  const doer = doerOf(tool, value)
  if (!doer) return 'Not available on this server. The name is kept.'
  const { provider, model, isDraft } = doer
  const by = provider.name === 'studio' ? `the ${nameOf(provider)}` : nameOf(provider)
  const how = model === '' || model === value ? '' : ` with ${model}`
  const words = `Made by ${by}${how}, ${eachOf(provider)}.`
  return isDraft && value !== '' ? `${words} Ignores the model name.` : words
}

function eachOf({ units }: Provider): string {
  return units === 0 ? 'free' : `${unitWords(units)} each`
}

function nameOf({ name, title }: Provider): string {
  // What comes with Reelgraph is called what it is.
  return name === 'studio' ? 'built-in studio' : title
}
