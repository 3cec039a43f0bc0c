import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../api/schema'
import { applyAll, row } from '../document/ops'
import { expressionWords } from './conditionWords'
import { canConnect } from './connect'
import { setCondition } from './edits/conditions'
import { bindItem, renameItem } from './edits/items'
import { asksOf, labelOf, marksOf, sampleOf, tiesOf } from './flow'
import { docOf, fixed, input, resultOf, TOOLS, wired } from './testing'

const BATCH: JsonObject = {
  id: 'each',
  type: 'batch',
  label: 'Foxes',
  produces: ['each'],
  itemName: 'fox',
  overBinding: '$inputs.foxes',
  itemStage: { type: 'fixed', tool: 'generate_image', args: { prompt: '$item.fox' } },
}
const ASK: JsonObject = { id: 'ask', type: 'interactive', produces: ['ask'], userMessage: 'Which?' }

describe('what stages say beside their work', () => {
  it('is written on them in words', () => {
    const doc = docOf([
      fixed('key', 'generate_image', { label: 'Keyframe', checkpointRequired: true }),
      fixed('more', 'generate_image', { condition: { type: 'if_success_of', stageId: 'key' } }),
      fixed('any', 'generate_image', { condition: { type: 'always' } }),
      fixed('seen', 'generate_image', { humanApprovalDefault: true }),
      fixed('noted', 'generate_image', {
        condition: { type: 'expr', expression: '$artifacts.key == null' },
      }),
    ])
    const words = (key: string) => marksOf(doc, wired(doc), key).map((mark) => mark.words)
    expect(words('key')).toEqual(['waits for approval'])
    expect(words('more')).toEqual(['only if Keyframe succeeded'])
    expect(words('any')).toEqual([])
    expect(words('seen')).toEqual(['waits for approval'])
    expect(words('noted')).toEqual(['only if Keyframe has no result'])
    expect(asksOf(doc, doc.stages.order)).toBe(2)
    expect(tiesOf(doc)).toEqual([
      { source: 'key', target: 'more' },
      { source: 'key', target: 'noted' },
    ])
  })

  it.each([
    ['$inputs.ending == true', 'Add an ending is on'],
    ['!$inputs.ending', 'Add an ending is off'],
    ['inputs.look != "noir" && $inputs.hero', "Look isn't “Black & white” and Hero isn't empty"],
    ['$artifacts.key || ($inputs.seconds == 5)', 'Keyframe has a result or (Seconds is 5)'],
    ['$artifacts.key.content == "cat"', 'Keyframe is “cat”'],
    ['$inputs.ending == $inputs.hero', '$inputs.ending == $inputs.hero'],
    ['$inputs.gone == 1', '$inputs.gone == 1'],
    ['!($inputs.ending)', '!($inputs.ending)'],
    ['', ''],
  ])('says an expression by the names that people gave: %s', (expression, words) => {
    const doc = docOf(
      [],
      [
        input('ending', 'boolean', { description: 'Add an ending' }),
        input('look', 'select', { options: [{ value: 'noir', label: 'Black & white' }] }),
        input('hero', 'text', {
          description: 'The hero, with the place and the light and the weather of each look',
        }),
        input('seconds', 'number'),
      ],
    )
    expect(expressionWords(doc, expression, () => 'Keyframe')).toBe(words)
  })

  it('ties an expression to all that it names', () => {
    const expression = '$artifacts.a.content == "x" && !$artifacts.b'
    const doc = docOf([
      fixed('a', 'analyze_image'),
      fixed('b', 'generate_image'),
      fixed('c', 'generate_image', { condition: { type: 'expr', expression } }),
    ])
    expect(tiesOf(doc).map((tie) => tie.source)).toEqual(['a', 'b'])
  })

  it('is counted for the one who is asked', () => {
    const doc = docOf([fixed('a', 'generate_image', { checkpointRequired: true }), ASK, BATCH])
    expect(asksOf(doc, doc.stages.order)).toBe(2)
    expect(asksOf(doc, ['each'])).toBe(0)
  })

  it('moves what a condition looks at before its stage, and refuses circles', () => {
    const doc = docOf([
      fixed('late', 'generate_image'),
      fixed('first', 'generate_image'),
      fixed('fed', 'edit_image', { args: { source_image_url: resultOf('first') } }),
    ])
    const made = setCondition(doc, wired(doc), 'late', { type: 'if_error_in', stageId: 'fed' })
    if (typeof made === 'string') throw new Error(made)
    expect(applyAll(doc, made.ops).doc.stages.order).toEqual(['first', 'fed', 'late'])
    const circle = setCondition(doc, wired(doc), 'first', { type: 'if_error_in', stageId: 'fed' })
    expect(circle).toContain('loop')
  })
})

describe('a batch', () => {
  const doc = docOf([BATCH], [input('foxes', 'text', { multiple: true, default: ['red', 'gray'] })])

  it('calls its items as the run will', () => {
    expect(sampleOf(doc, wired(doc), 'each')).toMatchObject({ elements: ['red', 'gray'] })
    expect(labelOf('{index}: {fox}', 'red', 0, 'fox')).toBe('1: red')
    expect(labelOf('{name} {other}', { name: 'Mia' }, 4, 'fox')).toBe('Mia {other}')
    expect(labelOf('', 'red', 2, 'fox')).toBe('Fox 3')
  })

  it('takes a text line by line', () => {
    const lines = docOf([BATCH], [input('foxes', 'text', { default: 'red\n\n gray ' })])
    expect(sampleOf(lines, wired(lines), 'each').elements).toEqual(['red', 'gray'])
  })

  it('is connected to a list by its port, and hands all it makes to a list', () => {
    const bare = docOf(
      [
        { ...BATCH, overBinding: '' },
        fixed('film', 'stitch_video'),
        fixed('look', 'generate_video'),
      ],
      [input('foxes', 'text', { multiple: true })],
    )
    const over = canConnect(
      bare,
      wired(bare),
      TOOLS,
      { node: '$inputs', socket: 'foxes' },
      { node: 'each', socket: 'over' },
    )
    expect(over.ok && over.ops).toEqual([
      { op: 'set', table: 'stages', key: 'each', path: ['overBinding'], value: '$inputs.foxes' },
    ])
    const port = TOOLS.get('generate_video')?.ports.find((known) => known.isList)
    const out = canConnect(
      bare,
      wired(bare),
      TOOLS,
      { node: 'each', socket: 'out' },
      { node: 'look', socket: `port:${port?.name}` },
    )
    expect(out.ok && JSON.stringify(out.ops)).toContain('items[*].selectedVersion.url')
  })

  it('lets its tool take the element, also under another name', () => {
    const bound = applyAll(
      doc,
      bindItem(doc, TOOLS, { node: 'each', socket: 'arg:prompt' }, '$item.index').ops,
    ).doc
    expect(JSON.stringify(row(bound, 'stages', 'each'))).toContain('"prompt":"$item.index"')
    const renamed = applyAll(doc, renameItem(doc, 'each', 'animal').ops).doc
    expect(row(renamed, 'stages', 'each')).toMatchObject({
      itemName: 'animal',
      itemStage: { args: { prompt: '$item.animal' } },
    })
  })
})

describe('a choice among media', () => {
  it('is of the kind of what it is made from, and goes with its edge', () => {
    const doc = docOf([fixed('looks', 'generate_image'), ASK])
    const picked = canConnect(
      doc,
      wired(doc),
      TOOLS,
      { node: 'looks', socket: 'out' },
      { node: 'ask', socket: 'select' },
    )
    if (!picked.ok) throw new Error(picked.reason)
    const after = applyAll(doc, picked.ops).doc
    expect(row(after, 'stages', 'ask')).toMatchObject({
      select: { from: '$artifacts.looks', min: 1, max: 1 },
    })
    const wiring = wired(after)
    expect(wiring.nodes.get('ask')?.kind).toBe('image')
    expect(wiring.edges).toMatchObject([{ source: 'looks', target: 'ask', targetSocket: 'select' }])
  })
})
