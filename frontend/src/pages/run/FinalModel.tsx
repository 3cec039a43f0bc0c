import { useEffect, useId, useMemo, useState } from 'react'
import type { FinalStage, Json, Tool } from '../../api/schema'
import { choicesOf, leftOut, type ModelChoice, wishesOf } from '../../chooser/choices'
import { type CallArguments, creditWords, isReplaced, rateWords } from '../../chooser/facts'
import { ModelField, openModels } from '../../chooser/ModelField'
import { api } from './follow'

interface Props {
  stage: FinalStage
  title: string
  model: string
  onChoose: (name: string) => void
}

/** The field of another model for a stage that is made final. */
export function FinalModel(props: Props) {
  const [tools, problem] = useTools()
  const tool = tools?.find(({ name }) => name === props.stage.tool)
  if (problem) return <p className="note note-bad">{problem}</p>
  return tool ? <Field {...props} tool={tool} /> : null
}

function Field({ stage, title, model, onChoose, tool }: Props & { tool: Tool }) {
  const id = useId()
  const callArguments = useMemo(() => argumentsOf(stage, tool), [stage, tool])
  const choices = useMemo(
    () => choicesOf(tool, [], callArguments).filter((choice) => isFinal(choice)),
    [tool, callArguments],
  )
  const needs = { files: new Map(Object.entries(stage.files)), ...wishesOf(callArguments) }
  // Whoever asked for it wants to see what there is.
  useEffect(() => openModels(id), [id])
  return (
    <ModelField
      id={id}
      label={`Model of ${title}`}
      value={model}
      empty="No match. Change the filters."
      tool={tool}
      choices={choices}
      needs={() => needs}
      onChoose={onChoose}
      detailOf={({ doer, cost }) => {
        if (!doer) return ''
        // By its usual price: the quote says it of the one that is chosen.
        return cost === null ? rateWords(doer) : creditWords(doer, cost * stage.items)
      }}
      noteOf={({ doer }) => {
        const titles = doer ? leftOut(doer, tool, callArguments, needs) : []
        return titles.length > 0 ? `ignores ${titles.join(', ').toLowerCase()}` : ''
      }}
    />
  )
}

/** A stage's arguments as the run has them: by their declared names. */
function argumentsOf({ args }: FinalStage, tool: Tool): CallArguments {
  const byDefault = new Map(tool.parameters.map((parameter) => [parameter.name, parameter.default]))
  return {
    value: (name) => args[name] ?? byDefault.get(name),
    names: new Set(Object.keys(args).filter((name) => !isEmpty(args[name]))),
  }
}

function isEmpty(value: Json | undefined): boolean {
  return value == null || value === ''
}

function isFinal({ doer, name }: ModelChoice): boolean {
  return doer !== null && !doer.isDraft && !isReplaced(doer, name)
}

let palette: Promise<readonly Tool[]> | null = null

/** The tools with the models that make them; once for all stages. And why they couldn't be read. */
function useTools(): [readonly Tool[] | null, string] {
  const [tools, setTools] = useState<readonly Tool[] | null>(null)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    palette ??= api.call<{ tools: Tool[] }>('/app/tools').then((answer) => answer.tools)
    palette.then(setTools, (error: Error) => {
      palette = null
      setProblem(error.message)
    })
  }, [])
  return [tools, problem]
}
