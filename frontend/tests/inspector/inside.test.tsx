// @vitest-environment happy-dom

import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/schema'
import { select, undo } from '../../src/editor/actions'
import { wired } from '../../src/graph/testing'
import { Inspector } from '../../src/inspector/Inspector'
import { actionsFor } from '../../src/outline/rowActions'
import { topRows } from '../../src/outline/tree'
import { fetchRest } from '../../src/parts/fetching'
import { openDocument } from '../opened'

beforeAll(fetchRest)
afterEach(cleanup)

const LOOK = { id: 'look', type: 'fixed', tool: 'edit_image', label: 'Look', produces: ['look'] }
const PAIR = { id: 'pair', type: 'fixed', label: 'Pair', subStages: [LOOK] }
const CLIP = { id: 'clip', type: 'fixed', tool: 'generate_video', produces: ['clip'] }
const SHOT = { id: 'shot', type: 'fixed', label: 'Shot', subStages: [PAIR, CLIP] }

function open(fields: JsonObject = {}) {
  const session = openDocument({ name: 'Sky', inputs: [], stages: [{ ...SHOT, ...fields }] })
  select(['shot'])
  render(<Inspector />)
  return session
}

const section = () => screen.getByRole('region', { name: 'Inside' })
const button = () => within(section()).getByRole('button', { name: 'Unpack' })

describe('the inspector of a stage with stages inside', () => {
  it('lists them with their tools, indented', () => {
    open()
    const rows = within(section()).getAllByRole('listitem')
    expect(rows.map((row) => row.textContent)).toEqual([
      'Pair1 stage inside',
      'LookEdit image',
      'Generate video',
    ])
    expect(rows.map((row) => row.style.getPropertyValue('--depth'))).toEqual(['0', '1', '0'])
    expect(screen.queryByPlaceholderText('Choose a tool')).toBeNull()
  })

  it('unpacks it as one change', () => {
    const session = open()
    const before = session.view
    fireEvent.click(button())
    expect(session.view.stages.order).toEqual(['pair', 'clip'])
    undo()
    expect(session.view.stages).toEqual(before.stages)
  })

  it('says what to change before it can be unpacked', () => {
    const session = open({ checkpointRequired: true })
    expect(button().getAttribute('aria-disabled')).toBe('true')
    expect(section().textContent).toContain('To unpack: turn off “Pause for approval” first.')
    fireEvent.click(button())
    expect(session.view.stages.order).toEqual(['shot'])
  })
})

it('a row of the outline offers to unpack, with the reason where it can’t', () => {
  const { view } = open({ onError: 'continue' })
  const row = topRows(wired(view), view).find(({ node }) => node === 'shot')
  const action = row && actionsFor(row).find(({ id }) => id === 'unpack')
  expect(action?.not).toBe('Set “If it fails” to “Stop the run” first.')
})
