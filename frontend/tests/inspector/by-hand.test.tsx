// @vitest-environment happy-dom

import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { Doc, JsonObject, Medium, Tool, ToolPort } from '../../src/api/schema'
import { applyAll } from '../../src/document/ops'
import { select } from '../../src/editor/actions'
import { editor, useEditor } from '../../src/editor/store'
import { setValue } from '../../src/graph/edits/fields'
import { duplicate } from '../../src/graph/edits/pasting'
import { Inspector } from '../../src/inspector/Inspector'
import { keepMask } from '../../src/inspector/tools/mask/keep'
import { changedPort } from '../../src/run/compare/before'
import { findSource } from '../../src/run/source'
import { type StageResult, useRun } from '../../src/run/store'
import { openDocument } from '../opened'

afterEach(() => {
  cleanup()
  useRun.setState({ results: {} })
})

const FIRST = '.items[0].selectedVersion.url'
const LOOK = 'reelgraph:object/upl_1/look.png'
const SPEC: JsonObject = {
  name: 'Sky',
  inputs: [
    { name: 'look', type: 'image', default: LOOK },
    {
      name: 'looks',
      type: 'image',
      multiple: true,
      default: [LOOK, 'https://other.example/b.png'],
    },
    { name: 'none', type: 'image' },
  ],
  stages: [
    stage('sky', 'generate_image', { prompt: 'A sky' }),
    stage('fix', 'edit_image', { source_image_url: `$artifacts.sky${FIRST}` }),
    stage('given', 'edit_image', { source_image_url: '$inputs.look' }),
    stage('second', 'edit_image', { source_image_url: '$inputs.looks[1]' }),
    stage('empty', 'edit_image', { source_image_url: '$inputs.none' }),
    stage('cut', 'segment_image', {}),
  ],
}

function stage(id: string, tool: string, args: JsonObject): JsonObject {
  return { id, type: 'fixed', tool, label: id, args, produces: [id] }
}

function medium(id: string): Medium {
  const facts = { width: 64, height: 36, duration: null, posterUrl: null }
  return { id, kind: 'image', url: `/media/${id}`, filename: `${id}.png`, ...facts }
}

function made(stageKey: string, ...ids: string[]): Record<string, StageResult> {
  const media = ids.map(medium)
  return {
    [stageKey]: {
      runId: 'run',
      isMine: true,
      whose: '',
      at: '',
      step: {} as StageResult['step'],
      media,
    },
  }
}

function known(results: Record<string, StageResult> = {}) {
  const { doc, wiring, tools } = editor()
  const facts = { kind: 'image', width: 8, height: 4, duration: null } as const
  return { doc, wiring, tools, results, media: { [LOOK]: { url: '/media/look', ...facts } } }
}

describe('what a port will get', () => {
  it('is what the stage before made last, or the word that it has to run', () => {
    openDocument(SPEC)
    expect(findSource(known(), 'fix', 'image').lack).toEqual({
      type: 'unrun',
      stage: 'sky',
      title: 'sky',
    })
    const { source } = findSource(known(made('sky', 'one', 'two')), 'fix', 'image')
    expect(source).toMatchObject({
      url: '/media/one',
      width: 64,
      from: { type: 'stage', key: 'sky' },
    })
  })

  it("is what an input holds or is tried with, and never an outsider's address", () => {
    const session = openDocument(SPEC)
    expect(findSource(known(), 'given', 'image').source).toMatchObject({
      url: '/media/look',
      from: { type: 'input', title: 'Look' },
    })
    expect(findSource(known(), 'second', 'image').lack?.type).toBe('elsewhere')
    expect(findSource(known(), 'empty', 'image').lack?.type).toBe('empty')
    const key = editor().doc.inputs.order[2] ?? ''
    session.do('Try', setValue(editor().doc, key, LOOK).ops)
    expect(findSource(known(), 'empty', 'image').source?.url).toBe('/media/look')
  })

  it('is what compiling joins where nothing is named', () => {
    openDocument(SPEC)
    const { source, lack } = findSource(known(made('empty', 'joined')), 'cut', 'image')
    expect(source?.url ?? lack).toBe('/media/joined')
  })

  it("of a batch's item is the element it works on", () => {
    const batch = {
      id: 'each',
      type: 'batch',
      label: 'each',
      overBinding: '$artifacts.sky.items',
      itemStage: { type: 'fixed', tool: 'edit_image', args: { source_image_url: '$item' } },
      produces: ['each'],
    }
    openDocument({ ...SPEC, stages: [stage('sky', 'generate_image', {}), batch] })
    const results = made('sky', 'one', 'two')
    expect(findSource(known(results), 'each', 'image').source?.url).toBe('/media/one')
    expect(findSource(known(results), 'each', 'image', 1).source?.url).toBe('/media/two')
  })

  it('is nothing where there is nothing', () => {
    openDocument({ name: 'Bare', inputs: [], stages: [stage('cut', 'segment_image', {})] })
    expect(findSource(known(), 'cut', 'image')).toEqual({ source: null, lack: { type: 'nothing' } })
  })
})

describe('a painted mask in the document', () => {
  const value = 'reelgraph:object/upl_2/mask.png'
  const port = () =>
    editor()
      .tools.get('edit_image')
      ?.ports.find((one) => one.name === 'mask') as ToolPort
  const keep = (doc: Doc, node: string, picked = value) =>
    applyAll(doc, keepMask(doc, editor().tools, node, port(), { value: picked, title: 'mask' }).ops)
      .doc
  const maskOf = (doc: Doc, node: string) =>
    ((doc.stages.rows[node] as JsonObject).args as JsonObject).mask_image_url

  it('is in an input that no one is asked for, and a second one takes its place', () => {
    openDocument(SPEC)
    const once = keep(editor().doc, 'fix')
    const key = once.inputs.order.at(-1) ?? ''
    expect(once.inputs.rows[key]).toMatchObject({ type: 'image', internal: true, default: value })
    expect(maskOf(once, 'fix')).toBe(`$inputs.${(once.inputs.rows[key] as JsonObject).name}`)
    const twice = keep(once, 'fix', 'reelgraph:object/upl_3/mask.png')
    expect(twice.inputs.order).toEqual(once.inputs.order)
    expect(twice.inputs.rows[key]).toMatchObject({ default: 'reelgraph:object/upl_3/mask.png' })
  })

  it("of a copied stage leaves the original's alone", () => {
    openDocument(SPEC)
    const once = keep(editor().doc, 'fix')
    const copied = duplicate(once, ['fix'])
    const both = applyAll(once, copied?.ops ?? []).doc
    const copy = both.stages.order.find((key) => key !== 'fix' && maskOf(both, key)) ?? ''
    const painted = keep(both, copy, 'reelgraph:object/upl_3/mask.png')
    expect(maskOf(painted, 'fix')).toBe(maskOf(once, 'fix'))
    expect(maskOf(painted, copy)).not.toBe(maskOf(once, 'fix'))
  })
})

describe('a control by hand', () => {
  it('is offered beside the plain field, and says what it lacks with both ways to get it', async () => {
    openDocument(SPEC)
    select(['fix'])
    render(<Inspector />)
    fireEvent.click(await screen.findByRole('button', { name: 'Draw mask…' }))
    expect(await screen.findByText(/Run sky, or choose one/)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Run sky' })).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Choose an image' })).toBeTruthy()
  })

  it('is not offered where a tool has none', async () => {
    openDocument(SPEC)
    select(['cut'])
    render(<Inspector />)
    expect(await screen.findByRole('button', { name: 'Select in image…' })).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Draw mask…' })).toBeNull()
  })
})

describe('what is compared', () => {
  it('is the one file that a tool changes, of the kind it makes', () => {
    openDocument(SPEC)
    const port = (tool: string, kind: Medium['kind']) =>
      changedPort(useEditor.getState().tools.get(tool) as Tool, kind)
    expect(port('edit_image', 'image')).toBe('image')
    expect(port('upscale_video', 'video')).toBe('video')
    expect(port('generate_image', 'image')).toBe('')
    expect(port('animate_photo', 'video')).toBe('')
    expect(port('stitch_video', 'video')).toBe('')
  })
})
