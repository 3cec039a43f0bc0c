import type { Doc, Json, JsonObject } from '../api/schema'
import { row, same } from '../document/ops'
import { act, say } from '../editor/actions'
import { CommandIcon } from '../editor/CommandIcon'
import { allCommands, runCommand } from '../editor/commands'
import { editor, useEditor } from '../editor/store'
import { stageOf } from '../graph/documentReaders'
import { slotOf } from '../graph/edges'
import { Draft, fieldOf } from '../graph/edit'
import { Field } from './form/Field'
import { SchemaControl } from './form/SchemaControl'
import { isGroupOf } from './form/schema'
import type { Slot } from './form/slot'
import { PanelFrame } from './PanelFrame'
import { ON_ERROR } from './stage/FlowFields'

interface Shared {
  label: string
  schema: JsonObject
  /** The way to the field in each stage's record. */
  paths: ReadonlyMap<string, readonly string[]>
}

/** Several things: what their stages have in common, and how they are to each other. */
export function ManyPanel({ ids }: { ids: readonly string[] }) {
  const doc = useEditor((state) => state.doc)
  const canEdit = useEditor((state) => state.canEdit)
  const tools = useEditor((state) => state.tools)
  const stages = ids.filter((id) => row(doc, 'stages', id) !== undefined)
  const shared = stages.length > 1 ? sharedFields(doc, stages, tools) : []
  const arrange = allCommands().filter(
    (command) => command.group === 'Arrange' && /align|distribute|tidy/.test(command.id),
  )
  const hidden = ids.length - stages.length
  return (
    <PanelFrame
      head={
        <div className="grow">
          <h2>{ids.length} selected</h2>
          <small>
            {stages.length} {stages.length === 1 ? 'stage' : 'stages'}
            {hidden > 0 ? ` and ${hidden} more` : ''}
          </small>
        </div>
      }
    >
      <fieldset className="form" disabled={!canEdit}>
        {arrange.length > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out so
          <div className="arrange" role="group" aria-label="Arrange">
            {arrange.map((command) => (
              <button
                type="button"
                className="btn btn-s btn-icon"
                key={command.id}
                title={command.label}
                aria-label={command.label}
                onClick={() => {
                  const reason = runCommand(command.id)
                  if (reason !== null) say(reason)
                }}
              >
                <CommandIcon id={command.id} />
              </button>
            ))}
          </div>
        )}
        {shared.map((field) => (
          <SharedField key={field.label} stages={stages} field={field} />
        ))}
        {stages.length > 1 && shared.length === 0 && <p className="help">No shared settings.</p>}
      </fieldset>
    </PanelFrame>
  )
}

/** The fields all of these stages have, by their tools' parameters, and what every stage has. */
function sharedFields(
  doc: Doc,
  stages: readonly string[],
  tools: ReturnType<typeof editor>['tools'],
): Shared[] {
  const fields: Shared[] = []
  const first = tools.get(stageOf(doc, stages[0] ?? '').tool)
  const others = stages.map((key) => tools.get(stageOf(doc, key).tool))
  for (const parameter of first?.parameters ?? []) {
    const isCommon = others.every((tool) =>
      tool?.parameters.some(
        (known) => known.name === parameter.name && same(known.schema, parameter.schema),
      ),
    )
    if (!isCommon) continue
    const paths = new Map<string, readonly string[]>()
    for (const key of stages) {
      const slot = slotOf(doc, tools, { node: key, socket: `arg:${parameter.name}` })
      if (slot) paths.set(key, slot.field)
    }
    const schema = { ...parameter.schema, default: parameter.default }
    fields.push({ label: parameter.title, schema, paths })
  }
  fields.push({
    label: ON_ERROR.label,
    schema: ON_ERROR.schema,
    paths: new Map(stages.map((key) => [key, ON_ERROR.path])),
  })
  return fields
}

function SharedField({ stages, field }: { stages: readonly string[]; field: Shared }) {
  const doc = useEditor((state) => state.doc)
  const values = stages.map((key) => fieldOf(row(doc, 'stages', key), field.paths.get(key) ?? []))
  const first = values[0]
  const isSame = values.every((value) => same(value, first))
  const slot: Slot = {
    value: isSame ? first : undefined,
    write: (value, { burst = false, inside = [] } = {}) => {
      const draft = new Draft(editor().doc)
      for (const key of stages) {
        const path = field.paths.get(key)
        if (path) draft.setField(key, [...path, ...inside], value as Json | undefined)
      }
      const label = `Change ${field.label.toLowerCase()} of ${stages.length} stages`
      act({ label, ops: [...draft.ops] }, burst ? { merge: `many/${field.label}` } : {})
    },
  }
  return (
    <Field
      label={field.label}
      isGroup={isGroupOf(field.schema, false)}
      aside={isSame ? undefined : <span className="faint">differ</span>}
      onReset={isSame && first === undefined ? undefined : () => slot.write(undefined)}
    >
      {(ids) => <SchemaControl schema={field.schema} slot={slot} ids={ids} label={field.label} />}
    </Field>
  )
}
