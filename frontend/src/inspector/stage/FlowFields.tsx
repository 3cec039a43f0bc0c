import { type Issue, ON_ERRORS, type OnError } from '../../api/schema'
import { isObject, row } from '../../document/ops'
import { useEditor } from '../../editor/store'
import { later } from '../../parts/later'
import { Fold } from '../Fold'
import { RecordField } from './RecordField'
import type { RecordFieldSpec } from './RecordFrame'

const ConditionField = later(
  () => import('./ConditionField'),
  (found) => found.ConditionField,
)

const CHECKPOINT: RecordFieldSpec = {
  path: ['checkpointRequired'],
  label: 'Pause for approval',
  help: 'Pauses after this stage until someone approves. Other stages keep running.',
  schema: { type: 'boolean', default: false },
}

const BYPASS: RecordFieldSpec = {
  path: ['bypass'],
  label: 'Bypass',
  help: 'Leaves this stage out of runs and passes on what comes in.',
  schema: { type: 'boolean', default: false },
}

export const ON_ERROR: RecordFieldSpec = {
  path: ['onError'],
  label: 'If it fails',
  help: 'What happens if this stage fails after all retries.',
  schema: {
    type: 'string',
    enum: [...ON_ERRORS],
    default: 'stop',
    'x-words': {
      stop: 'Stop the run',
      continue: 'Continue without it',
      skip: 'Skip stages that need it',
      retry_once: 'Retry once, then stop',
    } satisfies Record<OnError, string>,
  },
}

/** A stage's condition, its checkpoint, and the meaning of its failure. */
export function FlowFields({ node, issues }: { node: string; issues: readonly Issue[] }) {
  const record = useEditor((state) => row(state.doc, 'stages', node))
  const stage = isObject(record) ? record : {}
  const mine = issuesAt(issues, 'condition')
  const usedFields = ['bypass', 'condition', 'checkpointRequired', 'onError'].filter(
    (field) => stage[field] !== undefined && stage[field] !== null && stage[field] !== false,
  )
  return (
    <Fold
      title="When it runs"
      count={usedFields.length}
      isOpen={usedFields.length > 0 || mine.length > 0}
    >
      {(stage.type === 'fixed' || stage.bypass === true) && (
        <RecordField table="stages" node={node} spec={BYPASS} issues={issuesAt(issues, 'bypass')} />
      )}
      <ConditionField node={node} issues={mine} />
      <RecordField
        table="stages"
        node={node}
        spec={CHECKPOINT}
        issues={issuesAt(issues, 'checkpointRequired')}
      />
      <RecordField
        table="stages"
        node={node}
        spec={ON_ERROR}
        issues={issuesAt(issues, 'onError')}
      />
    </Fold>
  )
}

/** Issues of a field of the stage itself. */
export function issuesAt(issues: readonly Issue[], field: string): Issue[] {
  return issues.filter(
    ({ argument, path }) =>
      argument === field || (argument === undefined && path.split('/').slice(2).includes(field)),
  )
}
