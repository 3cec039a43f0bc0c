// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { docOf, fixed, input, wired } from '../graph/testing'
import { sourceOf } from './refs'

const SHOTS = {
  id: 'shots',
  type: 'batch',
  produces: ['shots'],
  overBinding: '$artifacts.script',
  itemName: 'shot',
  itemStage: { tool: 'generate_image', args: { prompt: '$item.text' } },
}
const DOC = docOf([fixed('script', 'compose_script'), SHOTS], [input('photo', 'image')])

test.each([
  ['$inputs.photo', 'Photo', 'input'],
  ['$inputs.photo[0]', 'Photo', ''],
  ['$inputs.photo[2]', 'Photo', 'file 3'],
  ['$item', 'Each shot', ''],
  ['$item.text', "Each shot's text", ''],
  ['$item.index', 'Shot number', ''],
])('%s is called %s', (text, title, detail) => {
  expect(sourceOf(DOC, wired(DOC), text, 'shots')).toMatchObject({ title, detail })
})
