import { useState } from 'react'
import { isObject, row } from '../../document/ops'
import { act } from '../../editor/actions'
import { editor, useEditor } from '../../editor/store'
import { readText } from '../../graph/bindings'
import { renameItem, setItemTool } from '../../graph/edits/items'
import { readStage, stageOf } from '../../graph/records'
import { SELECTING } from '../../parts/selecting'
import type { Issue } from '../../types'
import { Combobox } from '../Combobox'
import { perform } from '../doing'
import { Field } from '../form/Field'
import { JsonControl } from '../form/JsonControl'
import { SourceChip } from '../SourceChip'
import { fittingSources } from '../sources'
import { recordSlot } from './argument'
import { ItemLabelField } from './ItemLabelField'
import { PickFields } from './PickFields'
import { RecordField, type RecordFieldSpec } from './RecordField'

const INTERACTIVE: readonly RecordFieldSpec[] = [
  {
    path: ['userMessage'],
    label: 'What people are asked',
    help: 'The question, as it is shown.',
    schema: { type: 'string' },
  },
  {
    path: ['systemPrompt'],
    label: 'What the assistant is told',
    help: 'How it leads the conversation.',
    schema: { type: 'string' },
  },
  { path: ['skillRef'], label: 'Skill', schema: { type: 'string', maxLength: 200 } },
]

const BATCH: readonly RecordFieldSpec[] = [
  {
    path: ['concurrency'],
    label: 'At a time',
    schema: { type: 'integer', minimum: 1, maximum: 16, default: 1 },
  },
  {
    path: ['maxAttemptsPerItem'],
    label: 'Tries for each',
    schema: { type: 'integer', minimum: 1, maximum: 5 },
  },
  {
    path: ['partialExecutionEnabled'],
    label: 'Go on when some fail',
    help: 'What came out is handed on; the run is then done, with failures.',
    schema: { type: 'boolean', default: false },
  },
]

interface Props {
  node: string
  issues: readonly Issue[]
}

/** What a stage of this type says about itself, before the form of its tool. */
export function TypeFields({ node, issues }: Props) {
  const record = useEditor((state) => row(state.doc, 'stages', node))
  const tools = useEditor((state) => state.tools)
  const stage = readStage(record)
  if (stage.type === null) return <WholeRecord node={node} />
  const field = (spec: RecordFieldSpec) => (
    <RecordField key={spec.path[0]} table="stages" node={node} spec={spec} />
  )
  if (stage.type === 'interactive') {
    const allowed = {
      path: ['allowedTools'],
      label: 'Tools it may use',
      schema: {
        type: 'array',
        items: {
          type: 'string',
          'x-loose': true,
          examples: tools.all.map((tool) => tool.name),
        },
      },
    }
    const [asked, ...rest] = INTERACTIVE
    return (
      <>
        {asked && field(asked)}
        <PickFields node={node} issues={issues} />
        {[...rest, allowed].map(field)}
      </>
    )
  }
  const hasTool = stage.tool !== '' && tools.get(stage.tool) !== null
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

/** What a batch goes through. */
function OverField({ node, issues }: Props) {
  const doc = useEditor((state) => state.doc)
  const slot = recordSlot(doc, 'stages', node, ['overBinding'], 'For each of')
  const text = typeof slot.value === 'string' ? slot.value : ''
  const isBound = text !== '' && readText(text).is !== 'literal'
  const mine = issues.filter(({ argument, path }) =>
    [argument, ...path.split('/')].includes('overBinding'),
  )
  return (
    <Field label="For each of" name="overBinding" issues={mine} isRequired={text === ''} isGroup>
      {(ids) =>
        isBound ? (
          <SourceChip
            text={text}
            stage={node}
            label="For each of"
            onUnlink={() => slot.write(undefined)}
          />
        ) : (
          <Combobox
            label="For each of"
            value={text}
            placeholder="Connect a list …"
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

/** What one element is called; arguments take it by that name. */
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
      help="What one item is called, such as scene. Settings take it when you type $."
      isRequired={name === ''}
    >
      {(ids) => (
        <input
          {...SELECTING}
          className="input"
          id={ids.id}
          maxLength={64}
          value={text ?? name}
          aria-describedby={ids.describedBy}
          onChange={(event) => setText(event.target.value.replace(/[.[\]$\s]/g, '_'))}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur()
          }}
        />
      )}
    </Field>
  )
}

/** Which tool does the work, where none is known yet. */
function ToolField({ node, path }: { node: string; path: readonly string[] }) {
  const doc = useEditor((state) => state.doc)
  const slot = recordSlot(doc, 'stages', node, path, 'Tool')
  const name = typeof slot.value === 'string' ? slot.value : ''
  const { tools } = editor()
  const known = tools.get(name)
  return (
    <Field
      label="Tool"
      name="tool"
      isRequired={name === ''}
      problem={name !== '' && !known ? `There is no tool called “${name}”.` : null}
    >
      {(ids) => (
        <Combobox
          id={ids.id}
          label="Tool"
          value={known?.title ?? name}
          placeholder="Choose what it does"
          describedBy={ids.describedBy}
          isInvalid={ids.isInvalid}
          choices={() =>
            tools.all.map((tool) => ({
              id: tool.name,
              label: tool.title,
              detail: tool.isProvided ? tool.group : 'no provider here',
              isMarked: !tool.isProvided,
            }))
          }
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
      label="As it is stored"
      name="id"
      help="This cannot be read as a stage. Mend it here, or remove it."
      isGroup
    >
      {(ids) => (
        <JsonControl
          schema={{}}
          ids={ids}
          label="As it is stored"
          slot={{
            value: record,
            write: (value) => {
              if (!isObject(value)) return
              const op = { op: 'put' as const, table: 'stages' as const, key: node, value }
              act({ label: 'Mend a stage', ops: [op] }, { merge: `stages/${node}` })
            },
          }}
        />
      )}
    </Field>
  )
}
