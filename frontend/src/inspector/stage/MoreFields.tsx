import { isObject, row } from '../../document/ops'
import { useEditor } from '../../editor/store'
import { producersOf } from '../../graph/records'
import type { Doc, Issue, Json, JsonObject } from '../../types'
import { Fold } from '../Fold'
import { ProducesField } from './ProducesField'
import { RecordField, type RecordFieldSpec } from './RecordField'

/** What every stage may say about itself beside its tool's settings. */
export function MoreFields({ node, issues }: { node: string; issues: readonly Issue[] }) {
  const doc = useEditor((state) => state.doc)
  const record = row(doc, 'stages', node)
  const stage = isObject(record) ? record : {}
  const specs = moreSpecs(doc, stage)
  const count = specs.filter(({ path }) => path[0] !== undefined && isSaid(stage[path[0]])).length
  return (
    <Fold title="More" count={count}>
      <ProducesField node={node} />
      {specs.map((spec) => (
        <RecordField
          key={spec.path.join('/')}
          table="stages"
          node={node}
          spec={spec}
          issues={issues.filter(({ argument, path }) => {
            const field = spec.path[0] ?? ''
            return argument === undefined && path.split('/').slice(2).includes(field)
          })}
        />
      ))}
    </Fold>
  )
}

function isSaid(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}

function moreSpecs(doc: Doc, stage: JsonObject): RecordFieldSpec[] {
  const names = [...producersOf(doc).keys()]
  const artifacts = { type: 'array', items: { type: 'string', 'x-loose': true, examples: names } }
  const texts = { type: 'array', items: { type: 'string', maxLength: 200 } }
  return [
    {
      path: ['onError'],
      label: 'When it fails',
      help: 'What the run does when this stage fails for good.',
      schema: {
        type: 'string',
        enum: ['stop', 'continue', 'skip', 'retry_once'],
        default: 'stop',
        'x-words': {
          stop: 'Stop the run',
          continue: 'Go on without it',
          skip: 'Skip what needs it',
          retry_once: 'Try once more, then stop',
        },
      },
    },
    {
      path: ['checkpointRequired'],
      label: 'Ask before it starts',
      help: 'The run waits here until somebody lets it go on.',
      schema: { type: 'boolean', default: false },
    },
    {
      path: ['condition'],
      label: 'Only when',
      help: 'The stage is skipped when this does not hold.',
      schema: conditionSchema(doc, stage.condition, names),
    },
    {
      path: ['requiredArtifactsIn'],
      label: 'Waits for',
      help: 'Results that must be there first, beside those it takes.',
      schema: artifacts,
    },
    {
      path: ['optionalArtifactsIn'],
      label: 'Waits for, if they come',
      help: 'Results it waits for, and goes on without when they fail.',
      schema: artifacts,
    },
    {
      path: ['reviewFocus'],
      label: 'To look at in review',
      help: 'What to check in the result, in words.',
      schema: texts,
    },
    {
      path: ['successCriteria'],
      label: 'Good when',
      help: 'When the result counts as good, in words.',
      schema: texts,
    },
    {
      path: ['humanApprovalDefault'],
      label: 'Let it pass by default',
      help: 'What holds when nobody answers.',
      schema: { type: 'boolean', default: false },
    },
  ]
}

/** The fields of a condition depend on its type. */
function conditionSchema(doc: Doc, condition: Json | undefined, artifacts: string[]): JsonObject {
  const type = isObject(condition) ? condition.type : undefined
  const properties: JsonObject = {
    type: {
      title: 'Kind',
      type: 'string',
      enum: ['always', 'if_success_of', 'if_error_in', 'if_artifact_exists', 'expr'],
      default: 'always',
      'x-words': {
        always: 'Always',
        if_success_of: 'A stage worked',
        if_error_in: 'A stage failed',
        if_artifact_exists: 'A result is there',
        expr: 'An expression holds',
      },
    },
  }
  const has = (field: string) => isObject(condition) && condition[field] !== undefined
  if (type === 'if_success_of' || type === 'if_error_in' || has('stageId'))
    properties.stageId = {
      title: 'Stage',
      type: 'string',
      'x-loose': true,
      examples: [...doc.stages.order],
    }
  if (type === 'if_artifact_exists' || has('artifactName'))
    properties.artifactName = {
      title: 'Result',
      type: 'string',
      'x-loose': true,
      examples: artifacts,
    }
  if (type === 'expr' || has('expression'))
    properties.expression = { title: 'Expression', type: 'string' }
  return { type: 'object', properties }
}
