import { useState } from 'react'
import type { Issue } from '../../api/schema'
import { Combobox } from '../../chooser/Combobox'
import { isObject, row } from '../../document/ops'
import { act } from '../../editor/actions'
import { editor, useEditor } from '../../editor/store'
import { pressedKey } from '../../frame/press'
import { readText } from '../../graph/bindings'
import { readStage, stageOf } from '../../graph/documentReaders'
import { renameItem, setItemTool } from '../../graph/edits/items'
import { hasOwnCall } from '../../graph/nesting'
import { isTemplate } from '../../graph/tools'
import { SELECTING } from '../../parts/selecting'
import { Field } from '../form/Field'
import { JsonControl } from '../form/JsonControl'
import { perform } from '../perform'
import { SourceChip } from '../SourceChip'
import { fittingSources } from '../sources'
import { recordSlot } from './argument'
import { ItemLabelField } from './ItemLabelField'
import { PickFields } from './PickFields'
import { RecordField } from './RecordField'
import type { RecordFieldSpec } from './RecordFrame'

const INTERACTIVE: readonly RecordFieldSpec[] = [
  {
    path: ['userMessage'],
    label: 'Question',
    help: 'Shown to the person who runs it.',
    schema: { type: 'string' },
  },
  {
    path: ['systemPrompt'],
    label: 'Instructions for the assistant',
    help: 'How to lead the conversation.',
    schema: { type: 'string' },
  },
  { path: ['skillRef'], label: 'Skill', schema: { type: 'string', maxLength: 200 } },
]

const BATCH: readonly RecordFieldSpec[] = [
  {
    path: ['concurrency'],
    label: 'Parallel items',
    schema: { type: 'integer', minimum: 1, maximum: 16, default: 1 },
  },
  {
    path: ['maxAttemptsPerItem'],
    label: 'Attempts per item',
    schema: { type: 'integer', minimum: 1, maximum: 5 },
  },
  {
    path: ['partialExecutionEnabled'],
    label: 'Continue if some fail',
    help: 'Passes on what worked. The run ends as “Done with errors”.',
    schema: { type: 'boolean', default: false },
  },
]

interface Props {
  node: string
  issues: readonly Issue[]
}

/** The fields of a stage of this type, before the form of its tool. */
export function TypeFields({ node, issues }: Props) {
  const record = useEditor((state) => row(state.doc, 'stages', node))
  const tools = useEditor((state) => state.tools)
  const stage = readStage(record)
  if (stage.type === null) return <WholeRecord node={node} />
  const field = (spec: RecordFieldSpec) => (
    <RecordField key={spec.path[0]} table="stages" node={node} spec={spec} />
  )
  if (stage.type === 'interactive') {
    const allowedTools = {
      path: ['allowedTools'],
      label: 'Allowed tools',
      schema: {
        type: 'array',
        items: {
          type: 'string',
          'x-loose': true,
          examples: tools.all.map((tool) => tool.name),
        },
      },
    }
    const [question, ...rest] = INTERACTIVE
    return (
      <>
        {question && field(question)}
        <PickFields node={node} issues={issues} />
        {[...rest, allowedTools].map(field)}
      </>
    )
  }
  const hasTool = stage.tool !== '' && tools.get(stage.tool) !== null
  // It may do no more than hold others.
  if (stage.subStages.length > 0 && !hasOwnCall(stage)) return null
  const path = stage.type === 'batch' ? ['itemStage', 'tool'] : ['tool']
  return (
    <>
      {stage.type === 'batch' && <OverField node={node} issues={issues} />}
      {stage.type === 'batch' && <ItemNameField node={node} />}
      {stage.type === 'batch' && BATCH.map(field)}
      {stage.type === 'batch' && <ItemLabelField node={node} />}
      {(!hasTool || stage.type === 'batch') && <ToolField node={node} path={path} />}
    </>
  )
}

/** The list that a batch goes through. */
function OverField({ node, issues }: Props) {
  const doc = useEditor((state) => state.doc)
  const slot = recordSlot(doc, 'stages', node, ['overBinding'], 'Repeat for')
  const text = typeof slot.value === 'string' ? slot.value : ''
  const isBound = text !== '' && readText(text).type !== 'literal'
  const mine = issues.filter(({ argument, path }) =>
    [argument, ...path.split('/')].includes('overBinding'),
  )
  return (
    <Field label="Repeat for" name="overBinding" issues={mine} isRequired={text === ''} isGroup>
      {(ids) =>
        isBound ? (
          <SourceChip
            text={text}
            stage={node}
            label="Repeat for"
            onUnlink={() => slot.write(undefined)}
          />
        ) : (
          <Combobox
            label="Repeat for"
            value={text}
            placeholder="Connect a list…"
            describedBy={ids.describedBy}
            choices={() => fittingSources(node, 'over').map(({ choice }) => choice)}
            onChoose={(id) => {
              const chosen = fittingSources(node, 'over').find((one) => one.choice.id === id)
              if (chosen) perform(chosen.option.edit())
            }}
            onText={(typed) => slot.write(typed.trim() || undefined)}
          />
        )
      }
    </Field>
  )
}

/** The name of one element; arguments take it by that name. */
function ItemNameField({ node }: { node: string }) {
  const name = useEditor((state) => stageOf(state.doc, node).itemName)
  const [text, setText] = useState<string | null>(null)
  const commit = () => {
    const next = text?.trim() ?? name
    setText(null)
    if (next !== name) perform(renameItem(editor().doc, node, next))
  }
  return (
    <Field
      label="Item name"
      name="itemName"
      help="For example “scene”. Type $ in a setting to use it."
      isRequired={name === ''}
    >
      {(ids) => (
        <input
          {...SELECTING}
          className="input"
          id={ids.id}
          maxLength={64}
          dir="auto"
          value={text ?? name}
          aria-describedby={ids.describedBy}
          onChange={(event) => setText(event.target.value.replace(/[.[\]$\s]/g, '_'))}
          onBlur={commit}
          onKeyDown={(event) => {
            if (pressedKey(event) === 'Enter') event.currentTarget.blur()
          }}
        />
      )}
    </Field>
  )
}

/** The choice of the tool that does the work, where none is known yet. */
function ToolField({ node, path }: { node: string; path: readonly string[] }) {
  const doc = useEditor((state) => state.doc)
  const slot = recordSlot(doc, 'stages', node, path, 'Tool')
  const name = typeof slot.value === 'string' ? slot.value : ''
  const { tools } = editor()
  const currentTool = tools.get(name)
  // What a template is called cannot be read from its reference.
  const title = currentTool?.title ?? (isTemplate(name) ? '' : name)
  return (
    <Field
      label="Tool"
      name="tool"
      isRequired={title === ''}
      problem={title !== '' && !currentTool ? `Unknown tool “${name}”.` : null}
    >
      {(ids) => (
        <Combobox
          id={ids.id}
          label="Tool"
          value={title}
          placeholder="Choose a tool"
          describedBy={ids.describedBy}
          isInvalid={ids.isInvalid}
          choices={() => [
            ...tools.all.map((tool) => ({
              id: tool.name,
              label: tool.title,
              detail: tool.isProvided ? tool.group : 'not available',
              isMarked: !tool.isProvided,
            })),
            ...[...tools.uses.values()].map((use) => ({
              id: use.reference,
              label: `${use.title} ${use.version}`,
              detail: use.tool.group,
            })),
          ]}
          onChoose={(chosen) => {
            if (path.length === 1) slot.write(chosen)
            else perform(setItemTool(editor().doc, tools, node, chosen))
          }}
        />
      )}
    </Field>
  )
}

/** A record that cannot be read as a stage, as it is. */
function WholeRecord({ node }: { node: string }) {
  const record = useEditor((state) => row(state.doc, 'stages', node))
  return (
    <Field
      label="Stage JSON"
      name="id"
      help="This stage has errors. Fix it here or delete it."
      isGroup
    >
      {(ids) => (
        <JsonControl
          schema={{}}
          ids={ids}
          label="Stage JSON"
          slot={{
            value: record,
            write: (value) => {
              if (!isObject(value)) return
              const op = { op: 'put' as const, table: 'stages' as const, key: node, value }
              act({ label: 'Fix a stage', ops: [op] }, { merge: `stages/${node}` })
            },
          }}
        />
      )}
    </Field>
  )
}
