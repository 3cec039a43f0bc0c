import type { Issue, Tool, ToolParameter } from '../../api/schema'
import { useEditor } from '../../editor/store'
import { stageOf } from '../../graph/documentReaders'
import { mainText } from '../../graph/tools'
import { Fold } from '../Fold'
import { Field } from '../form/Field'
import { SchemaControl } from '../form/SchemaControl'
import { issuesOf } from '../issues'
import { recordSlot, unknownArguments } from './argument'
import { ParameterField } from './ParameterField'
import { PortField } from './PortField'

interface Props {
  node: string
  tool: Tool
  issues: readonly Issue[]
}

/** The form of a stage's tool: its words first, what it takes, then the rest. */
export function StageForm({ node, tool, issues }: Props) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const stage = stageOf(doc, node)
  const main = mainText(tool)
  const isFirst = (parameter: ToolParameter) => parameter === main || parameter.isPinned
  // The words a tool is told come before what it works on, and that before its settings.
  const first = tool.parameters.filter(isFirst)
  const rest = tool.parameters.filter((parameter) => !isFirst(parameter))
  const isSet = (parameter: ToolParameter) =>
    Object.entries(stage.args).some(
      ([name, value]) => value !== null && tools.parameter(tool, name)?.name === parameter.name,
    )
  const filledParameters = rest.filter(isSet)
  const unknown = unknownArguments(tools, tool, stage.args)
  const wrong = rest.some((known) => issuesOf(issues, tools, tool, known.name).length > 0)
  const field = (parameter: ToolParameter) => (
    <ParameterField
      key={parameter.name}
      node={node}
      tool={tool}
      parameter={parameter}
      issues={issuesOf(issues, tools, tool, parameter.name)}
    />
  )
  return (
    <>
      {first.filter((parameter) => parameter === main).map(field)}
      {tool.ports.map((port) => (
        <PortField
          key={port.name}
          node={node}
          port={port}
          issues={issues.filter(
            (issue) =>
              issue.argument !== undefined && tools.port(tool, issue.argument)?.name === port.name,
          )}
        />
      ))}
      {first.filter((parameter) => parameter !== main).map(field)}
      {rest.length + unknown.length > 0 && (
        <Fold title="Advanced" count={filledParameters.length + unknown.length} isOpen={wrong}>
          {rest.map(field)}
          {unknown.map((name) => {
            const slot = recordSlot(doc, 'stages', node, [...stage.argsPath, name], name)
            return (
              <Field
                key={name}
                label={name}
                name={name}
                help={`${tool.title} has no such setting. It's kept and sent anyway.`}
                issues={issues.filter((issue) => issue.argument === name)}
                onReset={() => slot.write(undefined)}
              >
                {(ids) => <SchemaControl schema={{}} slot={slot} ids={ids} label={name} />}
              </Field>
            )
          })}
        </Fold>
      )}
    </>
  )
}
