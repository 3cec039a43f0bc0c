import { Columns2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { Json, Tool } from '../../api/schema'
import { choiceNamed, choicesOf, isTelling, type ModelChoice } from '../../chooser/choices'
import { callCost, costWords, providerName, titleOf } from '../../chooser/facts'
import { MissingModel } from '../../chooser/MissingModel'
import { ModelField, openModels } from '../../chooser/ModelField'
import { doerOf, isBuiltIn, isMissing, type ProviderChoice } from '../../chooser/providers'
import { useEditor } from '../../editor/store'
import { stageOf } from '../../graph/documentReaders'
import { later } from '../../parts/later'
import { useRun } from '../../run/store'
import type { ControlProps } from '../form/control'
import { showValue } from '../form/schema'
import { argumentsOf, needsOf } from './needs'

const Comparison = later(
  () => import('./Comparison'),
  (found) => found.Comparison,
)

type Props = ControlProps & { tool: Tool; node: string }

/** The model of a stage: known names to search in, and any other name. It may choose who does it. */
export function ModelControl(props: Props) {
  const { schema, slot, ids, tool, node } = props
  const [isComparing, setComparing] = useState(false)
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const value = showValue(slot.value)
  const stage = stageOf(doc, node)
  const choices = useMemo(() => {
    const examples: readonly Json[] = Array.isArray(schema.examples) ? schema.examples : []
    return choicesOf(tool, examples, argumentsOf(tool, stage, tools))
  }, [schema, tool, stage, tools])
  const doer = doerOf(tool, value === '' ? undefined : value)
  const estimate = doer && callCost(doer, tool, argumentsOf(tool, stage, tools))
  const units = useQuoted(node)
  const isOffered = !isMissing(tool, value)
  const isKnown = value === '' || choiceNamed(choices, value) !== undefined
  return (
    <>
      <Field {...props} choices={choices} />
      {!isOffered && (
        <div className="model-said">
          <p className="help">
            <MissingModel name={value} />
          </p>
          <button
            type="button"
            className="btn btn-s btn-bare"
            aria-label="Change the model"
            onClick={() => openModels(ids.id)}
          >
            Change
          </button>
        </div>
      )}
      <div className="model-said">
        <p className="help">
          {doer
            ? wordsOf(doer, value, costWords(doer, estimate, units))
            : 'Not available on this server. The name is kept.'}
          {isOffered && !isKnown && ' Unknown model name.'}
        </p>
        {choices.length > 1 && isTelling(choices) && (
          <button type="button" className="btn btn-s btn-bare" onClick={() => setComparing(true)}>
            <Columns2 className="i i-12" aria-hidden />
            Compare
          </button>
        )}
      </div>
      {isComparing && (
        <Comparison
          tool={tool}
          choices={choices}
          first={doer?.facts?.name ?? ''}
          onUse={slot.write}
          onClose={() => setComparing(false)}
        />
      )}
    </>
  )
}

/** The field with its list and filters. */
function Field({ slot, ids, label, tool, node, choices }: Props & { choices: ModelChoice[] }) {
  const usual = doerOf(tool, undefined)
  const needs = () => {
    const { doc, tools, wiring } = useEditor.getState()
    return needsOf(doc, tools, wiring, node)
  }
  return (
    <ModelField
      id={ids.id}
      label={label}
      value={showValue(slot.value)}
      placeholder={usual ? `Default (${titleOf(usual)})` : 'Default'}
      describedBy={ids.describedBy}
      isInvalid={ids.isInvalid}
      empty="No match. Change the filters, or press Enter to use the name anyway."
      tool={tool}
      choices={choices}
      needs={needs}
      onChoose={slot.write}
      onName={slot.write}
    />
  )
}

/** Return the credits that the server's quote gives for the stage; null if it quotes no call. */
function useQuoted(node: string): number | null {
  return useRun(({ quoteOf, quoteState }) => {
    const quote = quoteState === 'fresh' ? quoteOf[node] : undefined
    return quote?.will === 'run' && quote.items == null ? quote.units : null
  })
}

function wordsOf(doer: ProviderChoice, value: string, cost: string): string {
  const isOurs = isBuiltIn(doer.provider)
  const by = isOurs ? `the ${providerName(doer)}` : providerName(doer)
  const how = doer.model === '' || doer.model === value ? '' : ` with ${titleOf(doer)}`
  const words = `Made by ${by}${how}, ${cost}.`
  return isOurs && value !== '' ? `${words} Ignores the model name.` : words
}
