import { expect, test } from 'vitest'
import { best, closeness } from './matching'

test('finds by the start of a name, by words inside it, and by initials, in this order', () => {
  const names = ['Upscale video', 'Generate image', 'Image to 3D', 'Edit image']
  expect(best(names, 'image', (name) => [name])).toEqual([
    'Image to 3D',
    'Generate image',
    'Edit image',
  ])
  expect(best(names, 'gi', (name) => [name])).toEqual(['Generate image'])
  expect(best(names, 'vid up', (name) => [name])).toEqual(['Upscale video'])
})

test('leaves out what does not fit, and keeps all without words', () => {
  expect(best(['A', 'B'], 'zebra', (name) => [name])).toEqual([])
  expect(best(['B', 'A'], ' ', (name) => [name])).toEqual(['B', 'A'])
})

test('a name counts more than a description', () => {
  expect(closeness('Music', 'music')).toBeGreaterThan(closeness('A film with music', 'music'))
})
