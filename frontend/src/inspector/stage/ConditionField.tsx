import { useId } from 'react'
import type { Doc, Issue, JsonObject } from '../../api/schema'
import { CONDITION_TYPES, type ConditionType } from '../../api/schema'
import { isObject, row } from '../../document/ops'
import { act, say } from '../../editor/actions'
import { editor, useEditor } from '../../editor/store'
import { producersOf, readableStages } from '../../graph/documentReaders'
import { setCondition } from '../../graph/edits/conditions'
import { conditionOf } from '../../graph/flow'
import { titleOf } from '../../graph/wiring'
import { Field } from '../form/Field'
import { useDraft } from '../form/useDraft'

const WORDS: Readonly<Record<ConditionType, string>> = {
  always: 'Always',
  if_success_of: 'If a stage succeeds',
  if_error_in: 'If a stage fails',
  if_artifact_exists: 'If a result exists',
  expr: 'If an expression is true',
}

/** The condition on which a stage runs; else it is skipped. */
export function ConditionField({ node, issues }: { node: string; issues: readonly Issue[] }) {
  const doc = useEditor((state) => state.doc)
  const condition = conditionOf(row(doc, 'stages', node))
  const type = condition?.type ?? 'always'
  return (
    <Field label="Runs" name="condition" issues={issues}>
      {(ids) => (
        <>
          <select
            className="input"
            id={ids.id}
            value={type}
            aria-describedby={ids.describedBy}
            aria-invalid={ids.isInvalid || undefined}
            onChange={(event) => write(node, first(doc, node, event.target.value as ConditionType))}
          >
            {CONDITION_TYPES.map((known) => (
              <option key={known} value={known}>
                {WORDS[known]}
              </option>
            ))}
          </select>
          {(type === 'if_success_of' || type === 'if_error_in') && (
            <StageChoice node={node} value={condition?.stageId ?? ''} type={type} />
          )}
          {type === 'if_artifact_exists' && (
            <ResultChoice node={node} value={condition?.artifactName ?? ''} />
          )}
          {type === 'expr' && <Expression node={node} value={condition?.expression ?? ''} />}
        </>
      )}
    </Field>
  )
}

/** A condition of a type, with the nearest earlier stage where it asks for one. */
function first(doc: Doc, node: string, type: ConditionType): JsonObject | undefined {
  const record = row(doc, 'stages', node)
  const current = isObject(record) && isObject(record.condition) ? record.condition : {}
  const before = others(doc, node)
  const nearest = before.findLast((key) => doc.stages.order.indexOf(key) < place(doc, node))
  const stage = nearest ?? before[0] ?? ''
  switch (type) {
    case 'always':
      return undefined
    case 'if_success_of':
    case 'if_error_in':
      return { type, stageId: current.stageId ?? stage }
    case 'if_artifact_exists': {
      const name = [...producersOf(doc)].find(([, keys]) => keys.includes(stage))?.[0] ?? ''
      return { type, artifactName: current.artifactName ?? name }
    }
    default:
      return { type, expression: current.expression ?? '' }
  }
}

function place(doc: Doc, node: string): number {
  return doc.stages.order.indexOf(node)
}

function others(doc: Doc, node: string): string[] {
  return readableStages(doc).filter((key) => key !== node)
}

function write(node: string, condition: JsonObject | undefined, burst = false): void {
  const { doc, wiring } = editor()
  const result = setCondition(doc, wiring, node, condition)
  if (typeof result === 'string') say(result)
  else act(result, burst ? { merge: `stages/${node}/condition` } : {})
}

function StageChoice({ node, value, type }: { node: string; value: string; type: ConditionType }) {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const stages = others(doc, node)
  return (
    <select
      className="input"
      aria-label="Stage"
      value={value}
      onChange={(event) => write(node, { type, stageId: event.target.value })}
    >
      {!stages.includes(value) && <option value={value}>{value || 'Choose a stage'}</option>}
      {stages.map((key) => (
        <option key={key} value={key}>
          {titleOf(wiring, key)}
        </option>
      ))}
    </select>
  )
}

function ResultChoice({ node, value }: { node: string; value: string }) {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const artifacts = [...producersOf(doc)].filter(([, keys]) => keys.some((key) => key !== node))
  const isKnown = artifacts.some(([name]) => name === value)
  return (
    <select
      className="input"
      aria-label="Result"
      value={value}
      onChange={(event) =>
        write(node, { type: 'if_artifact_exists', artifactName: event.target.value })
      }
    >
      {!isKnown && <option value={value}>{value || 'Choose a result'}</option>}
      {artifacts.map(([name, keys]) => (
        <option key={name} value={name}>
          {titleOf(wiring, keys.at(-1) ?? '')} ({name})
        </option>
      ))}
    </select>
  )
}

/** An expression, with what it may name at hand. What is wrong with it the server says. */
function Expression({ node, value }: { node: string; value: string }) {
  const doc = useEditor((state) => state.doc)
  const list = useId()
  const draft = useDraft(value, (text) => write(node, { type: 'expr', expression: text }, true))
  const names = [
    ...doc.inputs.order.map((key) => `$inputs.${nameOfInput(doc, key)}`),
    ...[...producersOf(doc)]
      .filter(([, keys]) => keys.some((key) => key !== node))
      .map(([name]) => `$artifacts.${name}.content`),
  ]
  return (
    <>
      <input
        className="input mono"
        aria-label="Expression"
        placeholder='$inputs.mood == "calm"'
        spellCheck={false}
        autoComplete="off"
        value={draft.text}
        onFocus={draft.onFocus}
        onBlur={draft.onBlur}
        onChange={(event) => draft.onText(event.target.value)}
      />
      <p className="help">
        Values and operators: <code>==</code>, <code>!=</code>, <code>&amp;&amp;</code>,{' '}
        <code>||</code>
      </p>
      {names.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: buttons in a row, not fields of a form
        <div className="chips" id={list} role="group" aria-label="Insert into expression">
          {names.slice(0, 12).map((name) => (
            <button
              key={name}
              type="button"
              className="btn btn-s mono"
              onClick={() => {
                const text = [draft.text.trimEnd(), name].filter(Boolean).join(' ')
                write(node, { type: 'expr', expression: text })
              }}
            >
              {name}
            </button>
          ))}
        </div>
      )}
    </>
  )
}

function nameOfInput(doc: Doc, key: string): string {
  const record = row(doc, 'inputs', key)
  return isObject(record) && typeof record.name === 'string' ? record.name : key
}
