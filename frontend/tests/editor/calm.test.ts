// @vitest-environment happy-dom

import { beforeEach, expect, test } from 'vitest'
import type { Issue } from '../../src/api/schema'
import { act, select } from '../../src/editor/actions'
import { keepIssues, sayAll } from '../../src/editor/calm'
import { editor } from '../../src/editor/store'
import { setArgument } from '../../src/graph/edits/fields'
import { addStage } from '../../src/graph/edits/stages'
import { openDocument, TOOLS } from '../opened'

const OLD = { id: 'old', label: 'Old', type: 'fixed', tool: 'generate_image', args: {} }

beforeEach(() => {
  openDocument({ name: 'Cover', inputs: [], stages: [OLD] })
  sayAll()
})

/** Add a stage that makes pictures; its key. */
function added(): string {
  const tool = TOOLS.find((tool) => tool.name === 'generate_image')
  if (!tool) throw new Error('no such tool')
  const { doc, wiring, tools } = editor()
  act(addStage(doc, wiring, tools, tool, { x: 0, y: 0 }))
  const key = editor().doc.stages.order.at(-1)
  if (!key) throw new Error('nothing was added')
  return key
}

/** Let the server say that prompts are missing; the stages whose lack is said calmly. */
function calm(): string[] {
  keepIssues(
    editor().doc.stages.order.map((stageId) => ({
      code: 'missing',
      severity: 'error',
      message: 'Prompt is required.',
      path: '',
      stageId,
      field: 'prompt',
      fixes: [],
    })) as unknown as Issue[],
  )
  return editor().issues.flatMap(({ isCalm, stageId }) => (isCalm && stageId ? [stageId] : []))
}

test('what a new stage lacks is said calmly, of no other', () => {
  const key = added()
  expect(calm()).toEqual([key])
  expect(editor().issues.map(({ severity }) => severity)).toEqual(['error', 'warning'])
})

test('until the stage was edited and left', () => {
  const [first, second] = [added(), added()]
  expect(calm()).toEqual([first, second])
  act(setArgument(editor().doc, second, 'prompt', ''))
  act(setArgument(editor().doc, second, 'prompt', 'A cover'))
  expect(calm()).toEqual([first, second])
  select([first])
  expect(calm()).toEqual([first])
  select([])
  expect(calm()).toEqual([first])
})

test('until a run was asked for', () => {
  added()
  expect(calm()).toHaveLength(1)
  sayAll()
  expect(calm()).toEqual([])
  expect([...editor().calm]).toEqual([])
})
