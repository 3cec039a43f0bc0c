import { expect, test } from 'vitest'
import { readClipText, withoutForeign } from './clip'

test('stages of ours, templates in any envelope and words are told apart', () => {
  expect(readClipText('{"reelgraph":1,"stages":[]}').type).toBe('stages')
  expect(readClipText(' {"name":"Film","stages":[]}').type).toBe('template')
  expect(readClipText('{"data":{"template":{"stages":[]}}}').type).toBe('template')
  expect(readClipText('{"name":"Film"}').type).toBe('words')
  expect(readClipText('{ not json').type).toBe('words')
  expect(readClipText('A lighthouse at dusk').type).toBe('words')
})

test('media that are not known here stay behind, each counted once', () => {
  const mine = 'reelgraph:object/a1/mine.png'
  const other = 'reelgraph:object/b2/other.png'
  const clip = {
    stages: [{ args: { first: mine, second: other, list: [mine, other], text: 'x' } }],
  }
  const { value, dropped } = withoutForeign(clip, (reference) => reference === mine)
  expect(value).toEqual({ stages: [{ args: { first: mine, list: [mine], text: 'x' } }] })
  expect(dropped).toBe(1)
})
