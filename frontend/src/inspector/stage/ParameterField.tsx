import type { Issue, Tool, ToolParameter } from '../../api/schema'
import { ignoredWords } from '../../chooser/facts'
import { useEditor } from '../../editor/store'
import { readText } from '../../graph/bindings'
import { stageOf } from '../../graph/documentReaders'
import { BoundText } from '../form/BoundText'
import { Field } from '../form/Field'
import { SchemaControl } from '../form/SchemaControl'
import { isGroupOf, kindOf, problemOf, showValue, unwrap } from '../form/schema'
import { ModelControl } from '../models/ModelControl'
import { doerOfStage } from '../models/providers'
import { perform } from '../perform'
import { itemSources } from '../sources'
import { ByHand } from '../tools/deferred'
import { argumentSlot } from './argument'
import { PromptControl } from './PromptControl'
import { SeedControl } from './SeedControl'

interface Props {
  node: string
  tool: Tool
  parameter: ToolParameter
  issues: readonly Issue[]
}

/** One parameter of a stage's tool. */
export function ParameterField({ node, tool, parameter, issues }: Props) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const slot = argumentSlot(doc, tools, node, parameter.name, parameter.title)
  const { value } = slot
  const schema = unwrap({ default: parameter.default, ...parameter.schema })
  const isBound = typeof value === 'string' && readText(value).type !== 'literal'
  const isSeed = tool.isSeeded && parameter.name === 'seed'
  const isModel = /model(_?id)?$/i.test(parameter.name) && parameter.isLoose
  const kind = kindOf(schema)
  const isMissing = parameter.isRequired && value === undefined
  return (
    <Field
      label={parameter.title}
      help={parameter.help}
      name={parameter.name}
      isRequired={isMissing}
      problem={problemOf(schema, value)}
      note={ignoredWords(doerOfStage(doc, tools, node), parameter.name)}
      issues={issues}
      aside={
        isBound || kind === 'text' ? undefined : <FromItem node={node} parameter={parameter} />
      }
      isGroup={isBound || (isGroupOf(schema, false) && !isModel)}
      onReset={value !== undefined && !isBound ? () => slot.write(undefined) : undefined}
    >
      {(ids) => {
        const all = {
          schema,
          slot,
          ids,
          label: parameter.title,
          placeholder: showValue(parameter.default),
        }
        if (kind === 'text' && (value === undefined || typeof value === 'string'))
          return (
            <TextOrSource {...all} isBound={isBound} node={node} socket={`arg:${parameter.name}`} />
          )
        if (isSeed && !isBound) return <SeedControl {...all} node={node} />
        if (isModel && !isBound) return <ModelControl {...all} tool={tool} node={node} />
        return (
          <>
            <SchemaControl {...all} unit={parameter.unit} />
            {!isBound && <ByHand node={node} tool={tool} argument={parameter.name} />}
          </>
        )
      }}
    </Field>
  )
}

/** Inside a batch, a setting may come from the element at hand; texts ask for it by `$`. */
function FromItem({ node, parameter }: { node: string; parameter: ToolParameter }) {
  const isBatch = useEditor((state) => stageOf(state.doc, node).type === 'batch')
  if (!isBatch) return null
  const sources = itemSources(node, `arg:${parameter.name}`)
  return (
    <select
      className="from-item"
      aria-label={`Use ${parameter.title} from each item`}
      title="Use each item"
      value=""
      onChange={(event) => {
        const chosen = sources.find(({ choice }) => choice.id === event.target.value)
        if (chosen) perform(chosen.option.edit())
      }}
    >
      <option value="">Item</option>
      {sources.map(({ choice }) => (
        <option key={choice.id} value={choice.id}>
          {choice.label}
        </option>
      ))}
    </select>
  )
}

/** A text that is typed into stays a text until it is left, whatever it begins with. */
function TextOrSource(
  props: React.ComponentProps<typeof PromptControl> & { isBound: boolean },
): React.ReactNode {
  const { isBound, ...rest } = props
  if (isBound)
    return (
      <BoundText
        text={String(rest.slot.value)}
        slot={rest.slot}
        label={rest.label}
        isSaid={rest.ids.isSaid}
      />
    )
  return <PromptControl {...rest} />
}
